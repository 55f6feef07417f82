"""The words by which the invented manufacturer puts its distributors together."""

import numpy as np

from accounts.models import User
from config.demo.channel import Channel
from core.clock import instant
from distributors.profiles.models import Tag, Tagging
from distributors.profiles.tagging import tag_key

# Name, and which share of the distributors carries it.
TAGS = (
    ("重点客户 Key account", 0.08),
    ("样板店 Showroom", 0.12),
    ("新能源 New energy", 0.2),
    ("年会邀请 Annual meeting", 0.3),
    ("资料待补 Papers missing", 0.05),
)


def tags_write(channel: Channel, author: User, rng: np.random.Generator) -> None:
    """Write the tags and who carries them; a card that was merged into another carries none."""
    made = Tag.objects.bulk_create([Tag(name=name, key=tag_key(name), created_by=author) for name, _share in TAGS])
    merged = set(channel.merged)
    Tagging.objects.bulk_create(
        (
            Tagging(distributor_id=int(channel.pk[place]), tag=tag, created_by=author, created_at=instant())
            for tag, (_name, share) in zip(made, TAGS, strict=True)
            for place in np.flatnonzero(rng.random(channel.size) < share)
            if int(place) not in merged
        ),
        batch_size=5000,
    )
