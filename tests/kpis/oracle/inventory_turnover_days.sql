select sum((s.fulfillable + s.reserved) * coalesce(s.landed, 0)) / count(distinct s.snapshot_on)
       * (%(last)s::date - %(first)s::date + 1) / (select amount from cogs)
from stock s
