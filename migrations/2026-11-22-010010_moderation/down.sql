-- What is hidden stays hidden: a version that knows no removals takes it for deleted.
DROP TABLE moderation_log;
DROP TABLE bans;
DROP TABLE removals;
DROP TABLE locks;
DROP TABLE moderators;
DROP TABLE policies;
