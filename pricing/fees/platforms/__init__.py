"""The schedules of the platforms; adding one is a function here and a line in `schedule.SCHEDULES`."""
