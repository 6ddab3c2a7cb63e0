"""Google's services behind small typed interfaces. The only package that imports a Google client.

Clients are made on first use: importing this package costs nothing at deploy and cold start.
"""
