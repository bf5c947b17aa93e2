select spend from ads
