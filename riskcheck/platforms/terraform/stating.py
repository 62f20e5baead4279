"""What files of Terraform and Terragrunt take from other roots, file by file and before anything is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import EstateReader
    from riskcheck.trees import Tree

_ENDINGS: Final = (".tf", ".tofu")
_TERRAGRUNT: Final = "terragrunt.hcl"
_FOREIGN: Final = ("/.terraform/", "/.terragrunt-cache/", "/testdata/", "/fixtures/")


class Roots:
    """`riskcheck.platforms.base.EstateReader` of them. It imports what parses them when some file is read."""

    def takes(self, tree: Tree, path: str) -> bool:
        named = path.endswith(_ENDINGS) or path.rpartition("/")[2] == _TERRAGRUNT
        return named and not any(part in f"/{path}" for part in _FOREIGN)

    def worth(self, content: bytes) -> bool:
        return b"terraform_remote_state" in content or b"dependenc" in content

    def stated(self, document: Document) -> Iterator[Stated]:
        from riskcheck.platforms.terraform.stated import stated

        return stated(document)

    def home(self, tree: Tree, path: str) -> str | None:
        """States are known by where they are kept."""
        return None


ESTATE: Final[EstateReader] = Roots()
