select sum(age_181_270 + age_271_365 + age_over_365)::numeric / sum(available) from aged
