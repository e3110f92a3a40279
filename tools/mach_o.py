"""Reads from a Mach-O file, of 64 bits, what it leaves undefined.

A linker that is told to go on (-undefined dynamic_lookup) notes with every
undefined symbol the library that has it, by its place in the list of libraries,
from 1; a symbol that no library has gets a number that is none of these places.
"""

import struct

MAGIC = 0xFEEDFACF
HEADER_BYTES = 32
SYMBOL_BYTES = 16
LC_SYMTAB = 0x2
# A library that is loaded, also where it is weak, re-exported or upward.
LC_LOADS = (0xC, 0x80000018, 0x8000001F, 0x80000023)
N_STAB, N_TYPE, N_EXT, N_UNDF = 0xE0, 0x0E, 0x01, 0x00


def unresolved(data: bytes) -> list[str]:
    """The undefined symbols that none of the libraries has; an object's are all so."""
    if len(data) < HEADER_BYTES or struct.unpack_from("<I", data)[0] != MAGIC:
        raise ValueError("not a Mach-O file of 64 bits")
    num_commands = struct.unpack_from("<I", data, 16)[0]
    num_libraries, table = 0, None
    offset = HEADER_BYTES
    for _ in range(num_commands):
        command, size = struct.unpack_from("<2I", data, offset)
        num_libraries += command in LC_LOADS
        if command == LC_SYMTAB:
            table = struct.unpack_from("<3I", data, offset + 8)
        offset += size
    if table is None:
        return []
    return sorted(
        name
        for name, library in undefined(data, *table)
        if not 1 <= library <= num_libraries
    )


def undefined(data: bytes, first: int, num_symbols: int, names: int):
    """Each undefined symbol's name and the place of its library."""
    for offset in range(first, first + num_symbols * SYMBOL_BYTES, SYMBOL_BYTES):
        name, kind, _, description, value = struct.unpack_from("<IBBHQ", data, offset)
        is_undefined = kind & N_EXT and kind & N_TYPE == N_UNDF and not kind & N_STAB
        if is_undefined and value == 0:  # a value is the size of a common symbol
            end = data.index(b"\0", names + name)
            yield data[names + name : end].decode(), description >> 8
