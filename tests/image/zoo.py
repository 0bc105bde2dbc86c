"""The zoo: files as they come, odd and broken, each with what irbis makes of it.

An animal is (bytes, kind of its error) or (bytes, its pixels, how far each may be off).
"""

import struct
import zlib

import numpy as np
from odd_files import (
    GREY,
    PICTURE,
    animation,
    chunk,
    exif,
    gif,
    gif_frame,
    many_scans,
    packed_bits,
    png,
    resized_header,
    saved,
    tiff,
    webp_canvas,
    with_chunk,
    with_segment,
    without_segment,
)
from PIL import Image

H, W = GREY.shape
SHALLOW = np.repeat(GREY[..., None], 3, axis=2)
DEEP = GREY.astype(np.uint16) * 257
LOSSY = 40  # a JPEG's worst pixel on this picture; wrong colours are off by more
WHITE = np.full_like(PICTURE, 255)

image = Image.fromarray(PICTURE)
jpeg = saved(PICTURE, "JPEG", quality=95, subsampling=0)
plain = saved(PICTURE, "PNG")

# Alpha: the left half is transparent, and hides a loud colour.
alpha = np.where(np.arange(W) < W // 2, 0, 255).astype(np.uint8) * np.ones((H, 1), np.uint8)
half_white = np.where(alpha[..., None] == 0, 255, PICTURE).astype(np.uint8)
half_grey_white = np.where(alpha[..., None] == 0, 255, SHALLOW).astype(np.uint8)
secret = np.where(alpha[..., None] == 0, (255, 0, 255), PICTURE).astype(np.uint8)
rgba = Image.fromarray(np.dstack([secret, alpha]))
half = np.dstack([PICTURE, np.full((H, W), 128, np.uint8)])
faded = ((PICTURE.astype(int) * 128 + 255 * 127 + 127) // 255).astype(np.uint8)

# A colour key: one grey or colour counts as transparent.
bars = (np.arange(W) % 16 * np.ones((H, 1), int)).astype(np.uint16)
bars_rgb = np.repeat((bars * 17).astype(np.uint8)[..., None], 3, axis=2)
bars_keyed = np.where(bars[..., None] == 3, 255, bars_rgb).astype(np.uint8)
colours = np.repeat(bars[..., None] * 4369, 3, axis=2)

palette = image.quantize(16)
palette_rgb = np.asarray(palette.convert("RGB"))
clear = palette.copy()
clear.info["transparency"] = int(np.asarray(palette)[0, 0])
palette_keyed = palette_rgb.copy()
palette_keyed[np.asarray(palette) == clear.info["transparency"]] = 255
bilevel = image.convert("1")
bilevel_rgb = np.asarray(bilevel.convert("RGB"))

cmyk = image.convert("CMYK")
cmyk_jpeg = saved(cmyk, "JPEG", quality=95)
# Without Adobe's marker nothing is inverted; libjpeg writes the values as they are.
plain_cmyk = without_segment(saved(Image.eval(cmyk, lambda v: 255 - v), "JPEG", quality=95), 0xEE)

big = 60_000
frames = [image.quantize(16), *(Image.new("P", image.size, i) for i in (1, 2))]
bomb_text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9))
bomb_profile = chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(50_000_000), 9))
two_pages = animation("TIFF", [image, Image.new("RGB", (5, 5))])
values = np.linspace(-1000.0, 3000.0, H * W).reshape(H, W)
stretched = np.repeat(np.linspace(0, 255, H * W).reshape(H, W, 1).round(), 3, axis=2)
holes = GREY / np.float32(255)
holes[0, :3] = np.nan, np.inf, -np.inf
holed = SHALLOW.copy()
holed[0, :3] = [[0], [255], [0]]

GOOD = {
    "jpeg": (jpeg, PICTURE, LOSSY),
    "jpeg, progressive": (saved(PICTURE, "JPEG", progressive=True, quality=95), PICTURE, LOSSY),
    "jpeg, grey": (saved(GREY, "JPEG", quality=95), SHALLOW, LOSSY),
    "jpeg, CMYK of Adobe": (cmyk_jpeg, PICTURE, LOSSY),
    "jpeg, CMYK not inverted": (plain_cmyk, PICTURE, LOSSY),
    "jpeg, lying on its side": (
        saved(PICTURE, "JPEG", exif=exif(6), quality=95, subsampling=0),
        np.rot90(PICTURE, -1),
        LOSSY,
    ),
    "jpeg, orientation 99": (saved(PICTURE, "JPEG", exif=exif(99), quality=95), PICTURE, LOSSY),
    "jpeg, corrupt EXIF": (
        with_segment(jpeg, 0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        PICTURE,
        LOSSY,
    ),
    "jpeg, corrupt ICC": (with_segment(jpeg, 0xE2, b"ICC_PROFILE\0\7\1rubbish"), PICTURE, LOSSY),
    "jpeg, garbage after the end": (jpeg + b"garbage" * 99, PICTURE, LOSSY),
    "jpeg, two pictures (MPO)": (
        animation("MPO", [image, Image.new("RGB", (9, 9))], quality=95),
        PICTURE,
        LOSSY,
    ),
    "jpeg, one pixel high": (saved(PICTURE[:1], "JPEG", quality=95), PICTURE[:1], LOSSY),
    "png": (plain, PICTURE, 0),
    "png, one pixel": (saved(PICTURE[:1, :1], "PNG"), PICTURE[:1, :1], 0),
    "png, 1 bit": (saved(bilevel, "PNG"), bilevel_rgb, 0),
    "png, 4-bit grey": (png(W, H, 4, 0, packed_bits(bars, 4)), bars_rgb, 0),
    "png, 4-bit grey, colour key": (
        png(W, H, 4, 0, packed_bits(bars, 4), chunk(b"tRNS", b"\0\3")),
        bars_keyed,
        0,
    ),
    "png, 16-bit grey": (saved(Image.fromarray(DEEP), "PNG"), SHALLOW, 0),
    "png, 16-bit grey, colour key": (
        png(W, H, 16, 0, (bars * 4369).astype(">u2").tobytes(), chunk(b"tRNS", b"\x33\x33")),
        bars_keyed,
        0,
    ),
    "png, 16-bit colour": (png(W, H, 16, 2, colours.astype(">u2").tobytes()), bars_rgb, 0),
    "png, 16-bit colour, colour key": (
        png(W, H, 16, 2, colours.astype(">u2").tobytes(), chunk(b"tRNS", b"\x33\x33" * 3)),
        bars_keyed,
        0,
    ),
    "png, palette": (saved(palette, "PNG"), palette_rgb, 0),
    "png, palette with a clear entry": (saved(clear, "PNG"), palette_keyed, 0),
    "png, grey and alpha": (
        saved(Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(alpha)]), "PNG"),
        half_grey_white,
        0,
    ),
    "png, hidden colours under alpha": (saved(rgba, "PNG"), half_white, 0),
    "png, half transparent": (saved(half, "PNG"), faded, 1),
    "png, all transparent": (saved(np.zeros((H, W, 4), np.uint8), "PNG"), WHITE, 0),
    "png, EXIF orientation": (saved(PICTURE, "PNG", exif=exif(3)), PICTURE[::-1, ::-1], 0),
    "png, text of 50 MB": (with_chunk(plain, bomb_text), PICTURE, 0),
    "png, profile of 50 MB": (with_chunk(plain, bomb_profile), PICTURE, 0),
    "png, broken text": (with_chunk(plain, chunk(b"tEXt", b"a\0b")[:-4] + b"oops"), PICTURE, 0),
    "png, without its end": (plain[:-12], PICTURE, 0),
    "png, animated": (animation("PNG", [image, Image.new("RGB", image.size)]), PICTURE, 0),
    "png, animated, frames broken": (with_chunk(plain, chunk(b"fcTL", bytes(26))), PICTURE, 0),
    "webp": (saved(PICTURE, "WEBP", quality=95), PICTURE, 60),
    "webp, hidden colours under alpha": (
        saved(rgba, "WEBP", lossless=True, exact=True),
        half_white,
        0,
    ),
    "webp, animated": (
        animation(
            "WEBP",
            [image, *(Image.new("RGB", image.size, (i, 0, 0)) for i in range(300))],
            lossless=True,
        ),
        PICTURE,
        0,
    ),
    "gif": (saved(palette, "GIF"), palette_rgb, 0),
    "gif, transparent": (saved(clear, "GIF"), palette_keyed, 0),
    "gif, animated": (animation("GIF", frames), palette_rgb, 0),
    "gif, 100,000 frames": (
        gif(2, 2, *[gif_frame(0, 0, 1, 1)] * 100_000, b";"),
        np.zeros((2, 2, 3), np.uint8),
        0,
    ),
    "bmp": (saved(PICTURE, "BMP"), PICTURE, 0),
    "bmp, palette": (saved(palette, "BMP"), palette_rgb, 0),
    "bmp, 1 bit": (saved(bilevel, "BMP"), bilevel_rgb, 0),
    "tiff": (saved(PICTURE, "TIFF"), PICTURE, 0),
    "tiff, LZW": (saved(PICTURE, "TIFF", compression="tiff_lzw"), PICTURE, 0),
    "tiff, fax": (saved(bilevel, "TIFF", compression="group4"), bilevel_rgb, 0),
    "tiff, two pages": (two_pages, PICTURE, 0),
    "tiff, lying on its side": (saved(PICTURE, "TIFF", exif=exif(8)), np.rot90(PICTURE), 0),
    "tiff, hidden colours under alpha": (saved(rgba, "TIFF"), half_white, 0),
    "tiff, CMYK": (saved(cmyk, "TIFF"), PICTURE, 1),
    "tiff, 12-bit grey": (
        tiff(W, H, packed_bits(GREY.astype(int) * 4095 // 255, 12), t258=12),
        SHALLOW,
        1,
    ),
    "tiff, 16-bit grey": (saved(Image.fromarray(DEEP), "TIFF"), SHALLOW, 0),
    "tiff, 16-bit grey, big-endian": (
        tiff(W, H, DEEP.astype(">u2").tobytes(), ">", t258=16),
        SHALLOW,
        0,
    ),
    "tiff, 16-bit grey, white is 0": (
        tiff(W, H, (65535 - DEEP).astype("<u2").tobytes(), t258=16, t262=0),
        SHALLOW,
        0,
    ),
    "tiff, signed 16-bit grey": (
        tiff(W, H, values.astype("<i2").tobytes(), t258=16, t339=2),
        stretched,
        1,
    ),
    "tiff, 32-bit grey": (saved(Image.fromarray(values.astype(np.int32)), "TIFF"), stretched, 1),
    "tiff, float grey from 0 to 1": (
        saved(Image.fromarray(GREY / np.float32(255)), "TIFF"),
        SHALLOW,
        0,
    ),
    "tiff, float grey": (saved(Image.fromarray(values.astype(np.float32)), "TIFF"), stretched, 1),
    "tiff, float grey with holes": (saved(Image.fromarray(holes), "TIFF"), holed, 0),
}

BAD = {
    "no bytes": (b"", "empty"),
    "text": (b"not a picture\n", "decode"),
    "text that begins like a BMP": (b"BMW builds cars, not pictures.", "decode"),
    "JSON": (b'{"error": "not found"}', "decode"),
    "noise": (np.random.default_rng(0).bytes(5000), "decode"),
    "zeros": (bytes(5000), "decode"),
    "PPM, which Pillow opens": (saved(PICTURE, "PPM"), "decode"),
    "HTML": (b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>404</body></html>", "format"),
    "XML": (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "format"),
    "SVG": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
    "PDF": (saved(PICTURE, "PDF"), "format"),
    "EPS": (saved(PICTURE, "EPS"), "format"),
    "ICO": (saved(PICTURE, "ICO"), "format"),
    "WMF": (b"\xd7\xcd\xc6\x9a" + bytes(100), "format"),
    "Photoshop": (b"8BPS\0\1" + bytes(100), "format"),
    "JPEG 2000": (saved(PICTURE, "JPEG2000"), "format"),
    "JPEG XL": (b"\xff\x0a" + bytes(100), "format"),
    "HEIC of a telephone": (b"\0\0\0\x18ftypheic" + bytes(100), "format"),
    "AVIF": (b"\0\0\0\x1cftypavif" + bytes(100), "format"),
    "video": (b"\0\0\0\x20ftypisom" + bytes(100), "format"),
    "video, AVI": (b"RIFF\0\0\0\0AVI LIST" + bytes(100), "format"),
    "zip": (b"PK\x03\x04" + bytes(100), "format"),
    "gzip": (b"\x1f\x8b\x08" + bytes(100), "format"),
    "jpeg, half": (jpeg[: len(jpeg) // 2], "truncated"),
    "jpeg, headers only": (jpeg[:200], "truncated"),
    "jpeg, four bytes": (jpeg[:4], "truncated"),
    "png, half": (plain[: len(plain) // 2], "truncated"),
    "png, ten bytes": (plain[:10], "truncated"),
    "webp, half": (GOOD["webp"][0][:300], "truncated"),
    "gif, half": (GOOD["gif"][0][:300], "truncated"),
    "bmp, half": (GOOD["bmp"][0][:1000], "truncated"),
    "tiff, half": (GOOD["tiff"][0][:1000], "truncated"),
    "tiff, half of LZW": (GOOD["tiff, LZW"][0][:900], "truncated"),
    "tiff, header only": (GOOD["tiff"][0][:8], "truncated"),
    "jpeg, 12 bits": (jpeg.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"), "decode"),
    "jpeg, size 0 x 0": (resized_header(jpeg, 0, 0), "decode"),
    "jpeg, no picture in it": (b"\xff\xd8\xff\xd9", "decode"),
    "png, size 0 x 0": (png(0, 0, 8, 2), "decode"),
    "png, header damaged": (plain.replace(b"IHDR", b"IHDX"), "decode"),
    "png, pixels damaged": (with_chunk(png(W, H, 8, 2), chunk(b"IDAT", b"rubbish" * 9)), "decode"),
    "webp, damaged": (GOOD["webp"][0][:23] + bytes(len(GOOD["webp"][0]) - 23), "decode"),
    "gif, no frame": (gif(9, 9, b";"), "decode"),
    "bmp, odd depth": (saved(PICTURE, "BMP").replace(b"\x01\0\x18\0", b"\x01\0\x15\0"), "decode"),
    "tiff, unknown compression": (tiff(W, H, GREY.tobytes(), t259=9999), "decode"),
    "png, bomb": (png(big, big, 8, 2), "too_large"),
    "jpeg, bomb": (resized_header(jpeg, 65_500, 65_500), "too_large"),
    "jpeg, 5000 scans": (many_scans(5000), "too_large"),
    "gif, bomb": (gif(65_535, 65_535, gif_frame(0, 0, 65_535, 65_535), b";"), "too_large"),
    "gif, bomb in its first frame": (
        gif(2, 2, b"!\xf9\x04\x08\0\0\0\0", gif_frame(0, 0, 65_535, 65_535), b";"),
        "too_large",
    ),
    "webp, bomb": (webp_canvas(16_383, 16_383), "too_large"),
    "bmp, bomb": (
        saved(PICTURE, "BMP").replace(struct.pack("<ii", W, H), struct.pack("<ii", big, big)),
        "too_large",
    ),
    "tiff, bomb": (tiff(big, big, b"\0"), "too_large"),
    "tiff, bomb in a tile": (tiff(W, H, b"\0", t322=big, t323=big), "too_large"),
}
