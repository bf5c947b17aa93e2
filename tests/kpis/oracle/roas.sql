select sold / spend from ads
