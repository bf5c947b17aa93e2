select sum((age_91_180 + age_181_270 + age_271_365 + age_over_365) * landed) / sum(available * landed)
from aged
