select (cm2 - spend) / (cogs.amount + fees.platform + fees.fulfilment + spend) from margin, ads, cogs, fees
