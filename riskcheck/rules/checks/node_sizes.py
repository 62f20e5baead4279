"""How big a cloud machine is, read from the name of its type.

The number is what the clouds' naming schemes state, in vCPUs, so that two types can be put in a ratio. It is
no price: families of one size differ by some ten percent, GPUs by far more (`has_gpu` tells those apart).

Naming schemes:
https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
https://cloud.google.com/compute/docs/machine-resource
"""

from __future__ import annotations

import re
from typing import Final

_AWS = re.compile(r"([a-z][a-z0-9-]{0,11})\.(?:(large|xlarge)|(\d{1,3})xlarge)", re.ASCII)
_AZURE = re.compile(r"standard_([a-z]{1,3})(\d{1,3})(?:-\d{1,3})?[a-z]{0,5}(_[a-z0-9_]{1,24})?", re.ASCII)
_GCP = re.compile(r"[a-z]\d[a-z]?-[a-z]{2,12}-(\d{1,3})(?:-[a-z0-9]{1,12})?", re.ASCII)

_AZURE_ORDINALS: Final = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
"""D and DS of the first two generations number their sizes, every later series states vCPUs:
https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dv2-series"""

_GPU_AWS = re.compile(r"(?:g|p)\d", re.ASCII)
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
