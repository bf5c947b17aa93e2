"""The Selling Partner API's operations, one module for each of its sections."""
