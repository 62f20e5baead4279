"""The style sheet of the page; its digest is part of the page's policy."""

from __future__ import annotations

from typing import Final

SHEET: Final = """
:root{color-scheme:light dark;--ink:#1d2430;--faint:#66707f;--paper:#fbfbf9;--card:#fff;--line:#d9dce1;
--changed:#ffe1d8;--changed-line:#b33a1e;--reached:#fff4d1;--reached-line:#8a6d00}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ec;--faint:#9aa3b0;--paper:#15181d;--card:#1d2229;
--line:#363d47;--changed:#4a231a;--changed-line:#ff9b82;--reached:#3f3513;--reached-line:#e5c866}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header,main,footer{max-width:72rem;margin:0 auto;padding:1rem 1.5rem}
h1{font-size:1.6rem;margin:1rem 0 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}
h3{font-size:1.05rem;margin:0}h4{font-size:.85rem;margin:.6rem 0 0;color:var(--faint)}
p{margin:.2rem 0}header p,footer,i,section>p{color:var(--faint)}
ul{margin:.2rem 0;padding-left:1.2rem}ul ul{font-size:.9rem}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
a{color:inherit}i{font-style:normal;font-size:.85rem}
section{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--line);border-radius:6px;
padding:.7rem 1rem;margin:.6rem 0}
section.changed{border-left-color:var(--changed-line)}section.reached{border-left-color:var(--reached-line)}
section:target{outline:2px solid var(--ink)}
details{margin:.4rem 0}summary{cursor:pointer}summary span{color:var(--faint)}
.drawing{overflow:auto;background:var(--card);border:1px solid var(--line);border-radius:6px}
svg{display:block}svg text{fill:var(--ink);font:13px system-ui,sans-serif}
svg rect{fill:var(--card);stroke:var(--faint)}
svg .changed rect{fill:var(--changed);stroke:var(--changed-line)}
svg .reached rect{fill:var(--reached);stroke:var(--reached-line)}
svg path{fill:none;stroke:var(--faint)}svg .soft{stroke-dasharray:6 4}svg .build{stroke-dasharray:2 4}
svg marker path{fill:var(--faint);stroke:none}
"""
