"""Protocol 4 by hand: what no driver would ever send."""
import socket
import struct

ERROR, STARTUP, OPTIONS, QUERY, RESULT, PREPARE, EXECUTE, REGISTER, BATCH, AUTH_RESPONSE = \
    0, 1, 5, 7, 8, 9, 10, 11, 13, 15
VERSION = 4
WARNINGS = 8
GONE = (EOFError, ConnectionError, socket.timeout)


def i16(number):
    return struct.pack(">H", number)


def i32(number):
    return struct.pack(">i", number)


def string(text):
    return i16(len(text)) + text


def long_string(text):
    return i32(len(text)) + text


class Raw(bytes):
    """A value as it is to be written, with its length."""


UNSET = Raw(i32(-2))


def value(it):
    """[value]: bytes, None for null, or Raw."""
    return it if isinstance(it, Raw) else i32(-1) if it is None else long_string(it)


def collection(*elements):
    return i32(len(elements)) + parts(*elements)


def mapping(*keys_and_values):
    return i32(len(keys_and_values) // 2) + parts(*keys_and_values)


def parts(*elements):
    """Components of a tuple, fields of a user type."""
    return b"".join(map(value, elements))


def query(text, values=None, names=None):
    """The body of a QUERY at ONE."""
    body = long_string(text) + i16(1)
    if values is None:
        return body + b"\0"
    body += bytes([0x41 if names else 0x01]) + i16(len(values))
    for i, one in enumerate(values):
        body += (string(names[i]) if names else b"") + value(one)
    return body


class Connection:
    def __init__(self, host):
        self.socket = socket.create_connection((host, 9042), timeout=20)
        self.buffer = b""
        self.send(STARTUP, i16(1) + string(b"CQL_VERSION") + string(b"3.0.0"))
        self.receive()

    def close(self):
        self.socket.close()

    def send(self, opcode, body):
        self.socket.sendall(struct.pack(">BBhBi", VERSION, 0, 1, opcode, len(body)) + body)

    def read(self, count):
        while len(self.buffer) < count:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError
            self.buffer += piece
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out

    def receive(self):
        _, flags, _, opcode, length = struct.unpack(">BBhBi", self.read(9))
        body = self.read(length)
        if flags & WARNINGS:
            count, at = struct.unpack(">H", body[:2])[0], 2
            for _ in range(count):
                at += 2 + struct.unpack(">H", body[at:at + 2])[0]
            body = body[at:]
        return opcode, body

    def ask(self, opcode, body):
        """One line: the error's code and text, or what kind of answer came."""
        self.send(opcode, body)
        answer, body = self.receive()
        if answer == ERROR:
            code, length = struct.unpack(">iH", body[:6])
            text = body[6:6 + length].decode("utf-8", "replace")
            return f"{code:04x} {text}".encode("unicode_escape").decode()
        if answer == RESULT:
            return f"result {struct.unpack('>i', body[:4])[0]}"
        return f"message {answer}"
