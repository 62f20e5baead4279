"""How big a cloud machine is, read from the name of its type.

The numbers are what the clouds' naming schemes state, in vCPUs and GiB, so that two types make a ratio. They
are no price: families of one size differ by some ten percent, GPUs by far more (`has_gpu` tells those apart).

Naming schemes:
https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
https://cloud.google.com/compute/docs/machine-resource
"""

from __future__ import annotations

import re
from typing import Final

from riskcheck.regexes import regex

_AWS = regex(r"([a-z][a-z0-9-]{0,11})\.(?:(large|xlarge)|(\d{1,3})xlarge)", re.ASCII)
_AZURE = regex(r"standard_([a-z]{1,3})(\d{1,3})(?:-\d{1,3})?[a-z]{0,5}(_[a-z0-9_]{1,24})?", re.ASCII)
_GCP = regex(r"[a-z]\d[a-z]?-[a-z]{2,12}-(\d{1,3})(?:-[a-z0-9]{1,12})?", re.ASCII)

_AZURE_ORDINALS: Final = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
"""D and DS of the first two generations number their sizes, every later series states vCPUs:
https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dv2-series"""

_GPU_AWS = regex(r"(?:g|p)\d", re.ASCII)
_GPU_AZURE: Final = ("standard_nc", "standard_nd", "standard_nv", "standard_ng")
_GPU_GCP: Final = ("a2-", "a3-", "a4-", "g2-", "g4-")


def vcpus(node_type: str) -> int | None:
    """vCPUs of a node type of AWS, Azure or Google Cloud; None where the name does not tell."""
    name = node_type.strip().lower()
    if match := _AWS.fullmatch(name):
        return 4 * int(match[3]) if match[3] else {"large": 2, "xlarge": 4}[match[2]]
    if match := _AZURE.fullmatch(name):
        family, number, generation = match.groups()
        if family in {"d", "ds"} and generation in {None, "_v2", "_v2_promo"}:
            return _AZURE_ORDINALS.get(int(number))
        return int(number)
    if match := _GCP.fullmatch(name):
        return int(match[1])
    return None


def has_gpu(node_type: str) -> bool:
    """Whether the node type belongs to a GPU family."""
    name = node_type.strip().lower()
    return name.startswith((*_GPU_AZURE, *_GPU_GCP)) or ("." in name and _GPU_AWS.match(name) is not None)


_GIB_AWS: Final = {"c": 2.0, "m": 4.0, "r": 8.0, "i3": 7.625, "i3en": 8.0, "i4i": 8.0, "i4g": 8.0}
"""GiB a vCPU of the current generations, by series or by its letter:
https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-types.html"""

_GIB_AZURE: Final = {"d": 4.0, "ds": 4.0, "e": 8.0, "es": 8.0, "f": 2.0, "fs": 2.0, "l": 8.0, "ls": 8.0}
"""GiB a vCPU, by family: https://learn.microsoft.com/azure/virtual-machines/sizes/overview"""

_GIB_GCP: Final = {"standard": 4.0, "highmem": 8.0}
_GIB_N1: Final = {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}
"""GiB a vCPU: https://cloud.google.com/compute/docs/general-purpose-machines"""

_AWS_SERIES = regex(r"([cmr])[4-9][a-z]{0,4}", re.ASCII)
_AZURE_LOW = regex(r"standard_d\d{1,3}[a-z]{0,2}l[a-z]{0,3}_v\d{1,2}", re.ASCII)
_GCP_CURRENT: Final = frozenset({"n2", "n2d", "e2", "t2d", "c2", "c2d", "c3", "c3d", "n4", "c4"})


def memory_gib(node_type: str) -> float | None:
    """Memory of a node type in GiB, as its series has it; None where the name does not tell."""
    name = node_type.strip().lower()
    size = vcpus(name)
    ratio = _gib_of_vcpu(name) if size is not None else None
    return None if ratio is None or size is None else ratio * size


def _gib_of_vcpu(name: str) -> float | None:
    if "." in name:
        series = name.partition(".")[0]
        match = _AWS_SERIES.fullmatch(series)
        return _GIB_AWS.get(match[1] if match else series)
    if match := _AZURE.fullmatch(name):
        family, number, generation = match.groups()
        if family in {"d", "ds"} and generation in {None, "_v2", "_v2_promo"}:
            return 7.0 if int(number) > 10 else 3.5
        return 2.0 if _AZURE_LOW.fullmatch(name) else _GIB_AZURE.get(family)
    series, _, rest = name.partition("-")
    flavour = rest.partition("-")[0]
    if series == "n1":
        return _GIB_N1.get(flavour)
    return _GIB_GCP.get(flavour) if series in _GCP_CURRENT else None
