"""Is there hate, a threat or sextortion written in the picture?"""
