"""The sentences of click in Indonesian: it asks gettext for them and ships no catalogue of ours.

Keys are click's msgids; a test compares them with the installed version. What only programmers can be told, or what no
command of ours asks, stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import click
from click import core, decorators, exceptions, formatting, parser, types

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        # What stands around a help text.
        "Usage:": "Pemakaian:",
        "Options": "Opsi",
        "Positional arguments": "Argumen",
        "Commands": "Perintah",
        "Show this message and exit.": "Tampilkan bantuan ini.",
        "default: {default}": "bawaan: {default}",
        "required": "wajib",
        "file": "berkas",
        "directory": "folder",
        "path": "alamat berkas",
        # What was wrong.
        "Error: {message}": "Kesalahan: {message}",
        "Try '{command} {option}' for help.": "Bantuan: '{command} {option}'.",
        "Aborted!": "Dihentikan; tidak ada yang diubah.",
        "Missing command.": "Perintahnya belum disebut.",
        "Missing argument": "Argumen yang wajib belum diisi:",
        "Missing option": "Opsi yang wajib belum diisi:",
        "Missing parameter": "Bagian yang wajib belum diisi:",
        "Missing {param_type}": "Bagian yang wajib belum diisi:",
        "Missing parameter: {param_name}": "Bagian yang wajib belum diisi: {param_name}",
        "Got unexpected extra argument ({args})": "Ada argumen yang berlebih ({args}).",
        "Got unexpected extra arguments ({args})": "Ada argumen yang berlebih ({args}).",
        "No such option {name!r}.": "Tidak ada opsi {name!r}.",
        "No such command {name!r}.": "Tidak ada perintah {name!r}.",
        "Did you mean {possibility}?": "Mungkin maksud Anda {possibility}?",
        "(Did you mean one of: {possibilities}?)": "(Mungkin maksud Anda salah satu dari: {possibilities}?)",
        "Option {name!r} does not take a value.": "Opsi {name!r} tidak memakai nilai.",
        "Option {name!r} requires an argument.": "Opsi {name!r} memerlukan nilai.",
        "Option {name!r} requires {nargs} arguments.": "Opsi {name!r} memerlukan {nargs} nilai.",
        "Argument {name!r} takes {nargs} values.": "Argumen {name!r} memerlukan {nargs} nilai.",
        "Invalid value: {message}": "Nilai tidak dapat diterima: {message}",
        "Invalid value for {param_hint}: {message}": "Nilai untuk {param_hint} tidak dapat diterima: {message}",
        "Choose from:\n\t{choices}": "Pilih dari:\n\t{choices}",
        "{value!r} is not {choice}.": "{value!r} bukan {choice}.",
        "{value!r} is not one of {choices}.": "{value!r} bukan salah satu dari {choices}.",
        "{value!r} does not match the format {format}.": (
            "{value!r} bukan tanggal yang ditulis sebagai tahun-bulan-hari, misalnya 2026-12-31."
        ),
        "{value} is not in the range {range}.": "{value} tidak dalam batas {range}.",
        "{value!r} is not a valid {number_type}.": "{value!r} bukan angka yang dapat dibaca.",
        "{value!r} is not a valid UUID.": "{value!r} bukan UUID.",
        "Could not open file {filename!r}: {message}": "Berkas {filename!r} tidak dapat dibuka: {message}",
        "unknown error": "sebabnya tidak diketahui",
        "{name} {filename!r} does not exist.": "{name} {filename!r} tidak ada.",
        "{name} {filename!r} is a file.": "{name} {filename!r} adalah berkas.",
        "{name} {filename!r} is a directory.": "{name} {filename!r} adalah folder.",
        "{name} {filename!r} is not readable.": "{name} {filename!r} tidak dapat dibaca.",
        "{name} {filename!r} is not writable.": "{name} {filename!r} tidak dapat ditulis.",
        "{name} {filename!r} is not executable.": "{name} {filename!r} tidak dapat dijalankan.",
    }
)


def speak_indonesian(group: click.Group) -> None:
    """Have click say its sentences, and what stands in the line of use of each command below `group`, in Indonesian."""
    for module in (core, decorators, exceptions, formatting, parser, types):
        for name, function in (("_", _translated), ("ngettext", _translated_number)):
            if hasattr(module, name):
                setattr(module, name, function)
    _rename_placeholders(group)


def _translated(msgid: str) -> str:
    return MESSAGES.get(msgid, msgid)


def _translated_number(one: str, several: str, number: int) -> str:
    return _translated(one if number == 1 else several)


def _rename_placeholders(command: click.Command) -> None:
    command.options_metavar = "[OPSI]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "PERINTAH [ARGUMEN]..."
        for inner in command.commands.values():
            _rename_placeholders(inner)
