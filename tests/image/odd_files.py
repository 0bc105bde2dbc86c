"""Files of every kind, written byte by byte where no writer would write such a thing."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

import pictures

PICTURE = pictures.array(24, 32, 7)  # what every good animal of the zoo shows
GREY = PICTURE[..., 1]


def saved(image, form, **options):
    out = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(out, form, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "a maker"
    return tags


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, bits, colour, rows=b"", *before):
    """A PNG of raw rows (no filter byte in them), with chunks before the pixels."""
    stride = len(rows) // height if rows else 0
    lines = b"".join(b"\0" + rows[at : at + stride] for at in range(0, len(rows), stride or 1))
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = [chunk(b"IHDR", header), *before, chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def with_chunk(data, *chunks):
    """Put chunks into a PNG, before its pixels."""
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def packed_bits(values, bits):
    """Rows of small numbers, packed as PNG and TIFF pack them."""
    digits = ((values[..., None] >> np.arange(bits)[::-1]) & 1).astype(np.uint8)
    return np.packbits(digits.reshape(len(values), -1), axis=1).tobytes()


def tiff(width, height, data, order="<", **tags):
    """An uncompressed TIFF of one strip; tags t<number>=value add to or replace its own."""
    own = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 278: height, 279: len(data)}
    own |= {int(name[1:]): value for name, value in tags.items()}
    own[273] = 8 + 2 + 12 * (len(own) + 1 - (273 in own)) + 4
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    entries = b"".join(
        struct.pack(order + "HHII", tag, 4, 1, own[tag])
        if tag not in (258, 259, 262, 277, 339)
        else struct.pack(order + "HHIHH", tag, 3, 1, own[tag], 0)
        for tag in sorted(own)
    )
    return head + struct.pack(order + "H", len(own)) + entries + struct.pack("I", 0) + data


def gif(width, height, *blocks):
    return (
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b"".join(blocks)
    )


def gif_frame(left, top, width, height):
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\x02\x02\x4c\x01\x00"


def animation(form, frames, **options):
    first, *rest = frames
    return saved(first, form, save_all=True, append_images=rest, **options)


def without_segment(jpeg, marker):
    """A JPEG without its segments of one kind."""
    out, at = jpeg[:2], 2
    while jpeg[at : at + 2] != b"\xff\xda":
        end = at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
        out += b"" if jpeg[at + 1] == marker else jpeg[at:end]
        at = end
    return out + jpeg[at:]


def with_segment(jpeg, marker, data):
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def many_scans(count):
    jpeg = saved(PICTURE, "JPEG", progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + last * count + b"\xff\xd9"


def resized_header(jpeg, width, height):
    at = next(jpeg.index(m) for m in (b"\xff\xc0", b"\xff\xc2") if m in jpeg)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def webp_canvas(width, height):
    """The header of an extended WebP, which says how large the whole will be."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<II", 10, 2) + canvas
    body = b"WEBP" + extended + saved(PICTURE, "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body
