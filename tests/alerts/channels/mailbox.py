"""A mail server for tests: it takes letters, or answers a recipient as it is told."""

from __future__ import annotations

import socketserver
import threading
import time


class Mailbox:
    """Listens on loopback; `letters` are the texts that were handed over."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.recipient_answer = b"250 ok"
        self.data_answer = b"250 queued"
        self.pause = 0.0
        box = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                time.sleep(box.pause)
                self.wfile.write(b"220 test\r\n")
                while line := self.rfile.readline():
                    word = line[:4].upper()
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        lines = []
                        while (part := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(part)
                        if box.data_answer.startswith(b"250"):
                            box.letters.append(b"".join(lines).decode())
                        self.wfile.write(box.data_answer + b"\r\n")
                    elif word == b"RCPT":
                        self.wfile.write(box.recipient_answer + b"\r\n")
                    elif word == b"QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return
                    else:
                        self.wfile.write(b"250 ok\r\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
