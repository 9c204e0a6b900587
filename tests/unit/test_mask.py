"""Masked words: phones and identity numbers by their ends, addresses down to the plate."""

from __future__ import annotations

import pytest

from dispatch.case.mask import mask_door, mask_numbers


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("请打13812345678找他", "请打138****5678找他"),
        ("138 1234 5678、138-1234-5678", "138****5678、138****5678"),
        ("身份证21021119800101123X", "身份证210211********123X"),
        ("电话0411-86661234", "电话0411-****234"),
        ("12345热线", "12345热线"),
        ("单号20261120000123456789", "单号20261120000123456789"),
        ("3楼5户漏水", "3楼5户漏水"),
    ],
)
def test_numbers(words: str, masked: str) -> None:
    assert mask_numbers(words) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("兴华路12号", "兴华路12号"),
        ("兴华路12号3单元502室", "兴华路12号*单元***室"),
        ("兴华路12号二单元B座", "兴华路12号*单元*座"),
        ("甘井子街道东门口", "甘井子街道东门口"),
    ],
)
def test_addresses(address: str, masked: str) -> None:
    assert mask_door(address) == masked
