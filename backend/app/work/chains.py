"""Which chain a work order is for: from the customer first, then the brand line (they may differ, Portal spec §2.5)."""

import re
from functools import lru_cache
from typing import Literal

from app.work.schemas import Chain

ChainKey = Literal["7-eleven", "speedway", "wawa", "circle-k", "costco", "other"]
_WORDS: tuple[tuple[str, ChainKey, str], ...] = (
    (r"speedway|marathon", "speedway", "Speedway"),
    (r"7-?\s?eleven|7-11|seven eleven|eleven stores", "7-eleven", "7-Eleven"),
    (r"wawa", "wawa", "Wawa"),
    (r"circle\s?k", "circle-k", "Circle K"),
    (r"costco", "costco", "Costco"),
)


@lru_cache(maxsize=1024)
def chain_of(customer: str, brand: str | None) -> Chain:
    """The chain, with the name people use: a Speedway site that belongs to 7-Eleven is called Speedway."""
    for text in (brand or "", customer):
        for pattern, key, name in _WORDS:
            if re.search(pattern, text, re.IGNORECASE):
                return Chain(key=key, name=name)
    clean = re.sub(r",?\s+(Inc|LLC|Stores|Wholesale|Corp)\b\.?", "", brand or customer, flags=re.IGNORECASE).strip()
    return Chain(key="other", name=clean or customer)
