DROP INDEX notifications_by_kind;
DROP INDEX media_of_posts_by_owner;
DROP INDEX posts_public_by_side;
