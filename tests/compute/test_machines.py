"""vCPUs and GPUs from the names of machine types."""

from __future__ import annotations

import pytest

from riskcheck.compute.machines import has_gpu, vcpus


@pytest.mark.parametrize(
    ("node_type", "expected"),
    [
        ("m5.large", 2),
        ("i3.xlarge", 4),
        ("i3en.2xlarge", 8),
        ("r5d.24xlarge", 96),
        ("rd-fleet.4xlarge", 16),
        ("Standard_DS3_v2", 4),
        ("Standard_D12_v2", 4),
        ("Standard_DS14-4_v2", 16),
        ("Standard_D8ds_v5", 8),
        ("Standard_E16-8s_v3", 16),
        ("Standard_F4s", 4),
        ("Standard_L8s_v2", 8),
        ("Standard_NC24ads_A100_v4", 24),
        ("n2-standard-8", 8),
        ("n1-highmem-64", 64),
        ("c3-standard-88-lssd", 88),
    ],
)
def test_a_name_states_the_size(node_type: str, expected: int) -> None:
    assert vcpus(node_type) == expected


@pytest.mark.parametrize(
    "node_type", ["", "c5.metal", "Standard_DS99_v2", "a2-highgpu-1g", "${var.node}", "pool-large", "i3.0x"]
)
def test_a_name_that_does_not_tell_is_not_guessed(node_type: str) -> None:
    assert vcpus(node_type) is None


def test_case_and_blanks_do_not_matter() -> None:
    assert vcpus(" standard_d8DS_v5 ") == vcpus("Standard_D8ds_v5") == 8


@pytest.mark.parametrize(
    "node_type", ["g5.xlarge", "p4d.24xlarge", "Standard_NC6s_v3", "a2-highgpu-1g", "g2-standard-4"]
)
def test_gpu_families_are_known(node_type: str) -> None:
    assert has_gpu(node_type)


@pytest.mark.parametrize("node_type", ["", "m5.xlarge", "gd.xlarge", "Standard_D8ds_v5", "n2-standard-8"])
def test_other_families_have_none(node_type: str) -> None:
    assert not has_gpu(node_type)
