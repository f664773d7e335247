"""A self-signed certificate for 127.0.0.1, made when a test wants the local Hub over TLS."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


class NoCertificate(RuntimeError):
    """This machine has no means to make a certificate."""


@dataclass(frozen=True)
class Certificate:
    """A certificate, which is its own authority, and its key."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """For the server's socket."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """For a client that trusts this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))


def self_signed(folder: Path) -> Certificate:
    """Make one, by the `openssl` command or the cryptography package. Raises NoCertificate without either."""
    made = Certificate(folder / "hub-certificate.pem", folder / "hub-key.pem")
    if command := shutil.which("openssl"):
        _with_openssl(command, made)
    else:
        _with_cryptography(made)
    return made


def _with_openssl(command: str, made: Certificate) -> None:
    arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=SIMULATED Hub", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                 "-keyout", str(made.key), "-out", str(made.certificate)]  # fmt: skip
    done = subprocess.run([command, *arguments], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise NoCertificate(f"openssl made no certificate: {done.stderr.strip()[-300:]}")


def _with_cryptography(made: Certificate) -> None:
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError as error:
        raise NoCertificate("neither the openssl command nor the cryptography package is here") from error
    import datetime
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SIMULATED Hub")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=2))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
    made.certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
