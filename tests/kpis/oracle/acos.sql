select spend / sold from ads
