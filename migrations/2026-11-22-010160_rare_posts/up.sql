-- Ways to what is rare among very many posts, so that nobody reads all of them to find a few.
CREATE INDEX posts_public_by_side ON posts (local, id) WHERE visibility = 'public' AND boost_of_id IS NULL AND deleted_at IS NULL;
CREATE INDEX media_of_posts_by_owner ON media (owner_id, post_id);
CREATE INDEX notifications_by_kind ON notifications (recipient_id, kind, id);
