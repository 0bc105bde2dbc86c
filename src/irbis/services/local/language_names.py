"""English names of the languages that py3langid tells apart, by ISO 639 code."""

from __future__ import annotations

__all__ = ["NAMES"]

_PAIRS = """
af Afrikaans|am Amharic|an Aragonese|ar Arabic|as Assamese|az Azerbaijani|be Belarusian|bg Bulgarian
bn Bengali|br Breton|bs Bosnian|ca Catalan|cs Czech|cy Welsh|da Danish|de German|dz Dzongkha|el Greek
en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fo Faroese|fr French
ga Irish|gl Galician|gu Gujarati|he Hebrew|hi Hindi|hr Croatian|ht Haitian|hu Hungarian|hy Armenian
id Indonesian|is Icelandic|it Italian|ja Japanese|jv Javanese|ka Georgian|kk Kazakh|km Khmer
kn Kannada|ko Korean|ku Kurdish|ky Kyrgyz|la Latin|lb Luxembourgish|lo Lao|lt Lithuanian|lv Latvian
mg Malagasy|mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|nb Norwegian Bokmål
ne Nepali|nl Dutch|nn Norwegian Nynorsk|no Norwegian|oc Occitan|or Odia|pa Punjabi|pl Polish|ps Pashto
pt Portuguese|qu Quechua|ro Romanian|ru Russian|rw Kinyarwanda|se Northern Sami|si Sinhala|sk Slovak
sl Slovenian|sq Albanian|sr Serbian|sv Swedish|sw Swahili|ta Tamil|te Telugu|th Thai|tl Tagalog
tr Turkish|ug Uyghur|uk Ukrainian|ur Urdu|vi Vietnamese|vo Volapük|wa Walloon|xh Xhosa|zh Chinese
zu Zulu|ace Acehnese|ary Moroccan Arabic|arz Egyptian Arabic|ba Bashkir|bcl Central Bikol
crh Crimean Tatar|ext Extremaduran|fuv Nigerian Fulfulde|fy Western Frisian|gcf Guadeloupean Creole
gcr Guianese Creole|gd Scottish Gaelic|gom Goan Konkani|grc Ancient Greek|gug Paraguayan Guaraní
guw Gun|ha Hausa|hbo Ancient Hebrew|ig Igbo|kab Kabyle|kik Kikuyu|lg Ganda|lij Ligurian|ln Lingala
ltg Latgalian|my Burmese|nso Northern Sotho|om Oromo|pcm Nigerian Pidgin|sa Sanskrit
sdh Southern Kurdish|sn Shona|so Somali|st Southern Sotho|tg Tajik|tk Turkmen|tt Tatar|uz Uzbek
uzs Southern Uzbek|vec Venetian|wuu Wu Chinese|yo Yoruba|yue Cantonese|zxx No language
"""
NAMES: dict[str, str] = dict(
    pair.split(" ", 1) for line in _PAIRS.strip().splitlines() for pair in line.split("|")
)
