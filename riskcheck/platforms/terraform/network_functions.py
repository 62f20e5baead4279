"""Functions of Terraform on addresses, as `riskcheck.platforms.terraform.functions` has them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Node, made
from riskcheck.platforms.terraform.values import Failure, listed, text_of, whole_in

if TYPE_CHECKING:
    from collections.abc import Sequence as SequenceOf

    from riskcheck.platforms.terraform.functions import Function

_MOST_SUBNETS: Final = 1_000


def _network(node: Node) -> IPv4Network | IPv6Network | None:
    """None where it is not known. Terraform reads leading zeros as decimals; those are not known here."""
    text = text_of(node)
    if text is None:
        return None
    address, slash, width = text.partition("/")
    if not slash or not width.isdecimal() or not width.isascii():
        raise Failure
    try:
        return ip_network(text, strict=False)
    except ValueError:
        if any(part.startswith("0") and len(part) > 1 for part in address.split(".")):
            return None
        raise Failure from None


def _subnet(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 3:
        return None
    network, bits, number = _network(arguments[0]), whole_in(arguments[1]), whole_in(arguments[2])
    if network is None or bits is None or number is None:
        return None
    return made(_cut(network, bits, number), near)


def _cut(network: IPv4Network | IPv6Network, bits: int, number: int) -> str:
    width = network.prefixlen + bits
    if bits < 0 or width > network.max_prefixlen:
        raise Failure
    if not -(2**bits) <= number < 2**bits:
        raise Failure
    number %= 2**bits
    return _named(network, int(network.network_address) + (number << (network.max_prefixlen - width)), width)


def _named(network: IPv4Network | IPv6Network, address: int, width: int) -> str:
    return str(type(network)((address, width)))


def _subnets(arguments: SequenceOf[Node], near: Node) -> Node | None:
    """Ranges of these widths one behind the other."""
    network = _network(arguments[0]) if arguments else None
    widths = [whole_in(argument) for argument in arguments[1:]]
    if network is None or None in widths or len(widths) > _MOST_SUBNETS:
        return None
    found: list[Node] = []
    end = int(network.broadcast_address) + 1
    at = int(network.network_address)
    for bits in widths:
        assert bits is not None
        width = network.prefixlen + bits
        if bits < 1 or width > network.max_prefixlen:
            raise Failure
        size = 1 << (network.max_prefixlen - width)
        at = -(-at // size) * size
        if at + size > end:
            raise Failure
        found.append(made(_named(network, at, width), near))
        at += size
    return listed(found, near)


def _host(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2:
        return None
    network, number = _network(arguments[0]), whole_in(arguments[1])
    if network is None or number is None:
        return None
    size = 1 << (network.max_prefixlen - network.prefixlen)
    if not -size <= number < size:
        raise Failure
    first = int(network.network_address)
    return made(str(type(network)((first + number % size, network.max_prefixlen)).network_address), near)


def _netmask(arguments: SequenceOf[Node], near: Node) -> Node | None:
    network = _network(arguments[0]) if len(arguments) == 1 else None
    if network is None:
        return None
    if network.version == 6:
        raise Failure
    return made(str(network.netmask), near)


NETWORK_FUNCTIONS: Final[dict[str, Function]] = {
    "cidrhost": _host,
    "cidrnetmask": _netmask,
    "cidrsubnet": _subnet,
    "cidrsubnets": _subnets,
}
