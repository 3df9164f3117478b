//! From rows to entities, many at once: whatever the length of a page, so many queries and no more.
use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{
    super::page::Edges, Account, At, Filter, FilterResult, Id, MediaAttachment, Mention,
    Notification, Own, Poll, Quote, QuoteApproval, Quoted, Status, StatusApplication, StatusTag,
    Submission, render,
};
use crate::{
    app::App,
    db::{
        self, Conn,
        actors::Actor,
        filters::Whole,
        notifications::{Notification as Told, NotificationKind},
        oauth::App as OauthApp,
        policies::Policy,
        posts::Post,
        submissions::Submission as Judged,
    },
    domain::{
        filters::{self, Sieve},
        quotes::{self, Sight, Standing, Verdict},
    },
    error::{Error, Result},
    text,
    types::{ActorId, AppId, PollId, PostId, Time},
};

/// For whom entities are made, where and when.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Addresses begin with it.
    pub origin: Url,
    /// The part after the @ of local handles; not always the host of `origin`.
    pub domain: String,
    /// Who reads; nobody in particular without a token.
    pub reader: Option<ActorId>,
    /// The time by the node's clock.
    pub now: Time,
    /// Whether files of other servers are shown as this node's copies.
    pub copies: bool,
}

/// Everything that a page of posts refers to, by id.
struct Surroundings {
    originals: BTreeMap<PostId, Post>,
    actors: BTreeMap<ActorId, Actor>,
    parents: BTreeMap<PostId, ActorId>,
    media: BTreeMap<PostId, Vec<MediaAttachment>>,
    mentions: BTreeMap<PostId, Vec<ActorId>>,
    tags: BTreeMap<PostId, Vec<(String, String)>>,
    polls: BTreeMap<PostId, Poll>,
    apps: BTreeMap<AppId, OauthApp>,
    submissions: BTreeMap<PostId, Judged>,
    policies: BTreeMap<PostId, Policy>,
    quoted: BTreeMap<PostId, quotes::Shown>,
    quotes_counts: BTreeMap<PostId, i64>,
    /// How the reader stands to the authors, where they do in any way.
    standings: BTreeMap<ActorId, Standing>,
    own: Option<OwnMarks>,
}

/// Which posts the reader marked in which way.
#[derive(Default)]
struct OwnMarks {
    reader: Option<ActorId>,
    liked: BTreeSet<PostId>,
    boosted: BTreeSet<PostId>,
    bookmarked: BTreeSet<PostId>,
    pinned: BTreeSet<PostId>,
    muted_threads: BTreeSet<PostId>,
    filters: Vec<Whole>,
    sieve: Sieve,
}

impl View {
    /// What `reader` sees now.
    pub fn new(app: &App, reader: Option<ActorId>) -> Self {
        let copies = app.config().media.proxy;
        let (origin, domain) = (app.origin().clone(), app.domain().to_owned());
        Self { origin, domain, reader, now: app.now(), copies }
    }

    /// The entities of posts that the reader may see, in their order.
    ///
    /// A boost whose original is gone, or not for the reader, is left out.
    pub fn statuses(&self, conn: &mut Conn, posts: &[Post]) -> Result<Vec<Status>> {
        if posts.is_empty() {
            return Ok(Vec::new());
        }
        let around = self.surroundings(conn, posts)?;
        let made = posts.iter().filter_map(|post| self.status_or_boost(&around, post));
        let mut statuses: Vec<Status> = made.collect();
        self.with_emojis(conn, &mut statuses)?;
        Ok(statuses)
    }

    /// The entity of one post.
    pub fn status(&self, conn: &mut Conn, post: &Post) -> Result<Status> {
        let mut statuses = self.statuses(conn, std::slice::from_ref(post))?;
        statuses.pop().ok_or(Error::NotFound)
    }

    /// The entities of actors.
    pub fn accounts(&self, conn: &mut Conn, actors: &[Actor]) -> Result<Vec<Account>> {
        let mut accounts: Vec<Account> = actors.iter().map(|actor| self.account(actor)).collect();
        self.with_emojis(conn, &mut accounts)?;
        Ok(accounts)
    }

    /// The entity of one actor, with its emoji.
    pub fn whole_account(&self, conn: &mut Conn, actor: &Actor) -> Result<Account> {
        let mut account = self.account(actor);
        self.with_emojis(conn, std::slice::from_mut(&mut account))?;
        Ok(account)
    }

    /// A page of actors, each with the id by which it is paged.
    pub fn account_page(
        &self,
        conn: &mut Conn,
        rows: &[(i64, Actor)],
    ) -> Result<(Option<Edges>, Vec<Account>)> {
        let edges = Edges::of(rows.iter().map(|(id, _)| *id));
        let accounts = rows.iter().map(|(_, actor)| self.account(actor));
        let mut accounts: Vec<Account> = accounts.collect();
        self.with_emojis(conn, &mut accounts)?;
        Ok((edges, accounts))
    }

    /// A page of posts that are listed by their own ids, with its edges.
    pub fn statuses_page(
        &self,
        conn: &mut Conn,
        posts: &[Post],
    ) -> Result<(Option<Edges>, Vec<Status>)> {
        let edges = Edges::of(posts.iter().map(|post| post.id.0));
        Ok((edges, self.statuses(conn, posts)?))
    }

    /// The entity of one actor, without its emoji: those are put on all of a page at once.
    pub fn account(&self, actor: &Actor) -> Account {
        render::account(self, actor)
    }

    /// The entity of one actor, looked at by itself: with its emoji, and the account that it moved to.
    pub fn account_itself(&self, conn: &mut Conn, actor: &Actor) -> Result<Account> {
        let moved = match &actor.moved_to {
            Some(uri) => db::actors::by_ap_id(conn, uri)?.filter(Actor::is_active),
            None => None,
        };
        let moved = moved.map(|target| Box::new(self.account(&target)));
        let mut account = Account { moved, ..self.account(actor) };
        self.with_emojis(conn, std::slice::from_mut(&mut account))?;
        Ok(account)
    }

    /// The accounts of ids, in their order; unknown ones left out.
    pub fn accounts_by_ids(&self, conn: &mut Conn, ids: &[ActorId]) -> Result<Vec<Account>> {
        let actors = by_id(db::actors::by_ids(conn, ids)?);
        let found = ids.iter().filter_map(|id| actors.get(id));
        let mut accounts: Vec<Account> = found.map(|actor| self.account(actor)).collect();
        self.with_emojis(conn, &mut accounts)?;
        Ok(accounts)
    }

    /// The entities of notifications, in their order.
    pub fn notifications(&self, conn: &mut Conn, rows: &[Told]) -> Result<Vec<Notification>> {
        let post_ids: Vec<PostId> = rows.iter().filter_map(|row| row.post_id).collect();
        let posts = db::posts::by_ids(conn, &unique(post_ids))?;
        let statuses: BTreeMap<i64, Status> =
            self.statuses(conn, &posts)?.into_iter().map(|status| (status.id.0, status)).collect();
        let from = unique(rows.iter().map(|row| row.from_id));
        let actors = by_id(db::actors::by_ids(conn, &from)?);
        let entity = |row: &Told| {
            let status = match row.post_id {
                // About a post that is gone it says nothing any more.
                Some(id) => Some(statuses.get(&id.0).cloned()?),
                None => None,
            };
            Some(Notification {
                id: Id::from(row.id),
                kind: wire_kind(row.kind).to_owned(),
                created_at: At(row.created_at),
                group_key: if row.group_key.is_empty() {
                    format!("ungrouped-{}", row.id)
                } else {
                    row.group_key.clone()
                },
                account: self.account(actors.get(&row.from_id)?),
                status,
            })
        };
        let mut all: Vec<Notification> = rows.iter().filter_map(entity).collect();
        self.with_emojis(conn, &mut all)?;
        Ok(all)
    }

    /// The entity of a picture.
    pub fn media(&self, row: &db::media::Media) -> MediaAttachment {
        render::media(self, row)
    }

    fn surroundings(&self, conn: &mut Conn, posts: &[Post]) -> Result<Surroundings> {
        let originals = self.originals(conn, posts)?;
        let quoting = || posts.iter().filter(|post| !post.is_boost()).chain(originals.values());
        let mut quoted = self.quoted(conn, quoting())?;
        let inside: Vec<Post> = quoted.values().filter_map(|quote| quote.post.clone()).collect();
        if !inside.is_empty() {
            let deeper = self.quoted(conn, inside.iter())?;
            quoted = deeper.into_iter().chain(quoted).collect();
        }
        let shown = || quoting().chain(&inside);
        let ids = unique(shown().map(|post| post.id));
        let mentions = db::posts::mentions_of(conn, &ids)?;
        let parents = unique(shown().filter_map(|post| post.in_reply_to_id));
        let parents = if parents.is_empty() {
            BTreeMap::new()
        } else {
            db::posts::authors_of(conn, &parents)?
        };
        let named = mentions.values().flatten().copied();
        let authors = unique(posts.iter().chain(shown()).map(|post| post.author_id));
        let actors = unique(authors.iter().copied().chain(named).chain(self.reader));
        let apps = unique(shown().filter_map(|post| post.app_id));
        let may_wait =
            |post: &&Post| post.local && (post.group_id.is_some() || post.in_reply_to_id.is_some());
        let may_wait = unique(shown().filter(may_wait).map(|post| post.id));
        let policies = db::policies::of_posts(conn, &ids)?;
        let questions = shown().filter(|post| post.kind == "Question");
        let questions = questions.map(|post| (post.id, post.author_id)).collect();
        Ok(Surroundings {
            actors: by_id(db::actors::by_ids(conn, &actors)?),
            parents,
            media: self.media_of(conn, &ids)?,
            mentions,
            tags: db::posts::tags_of(conn, &ids)?,
            polls: self.polls(conn, &questions)?,
            apps: if apps.is_empty() {
                BTreeMap::new()
            } else {
                let apps = db::oauth::apps_by_ids(conn, &apps)?;
                apps.into_iter().map(|app| (app.id, app)).collect()
            },
            submissions: if may_wait.is_empty() {
                BTreeMap::new()
            } else {
                let judged = db::submissions::of_posts(conn, &may_wait)?.into_iter();
                judged.filter_map(|(id, all)| Some((id, all.into_iter().next()?))).collect()
            },
            quotes_counts: db::quotes::counts(conn, &ids)?,
            quoted,
            standings: match self.reader {
                Some(reader) => standings(conn, reader, &authors, &policies)?,
                None => BTreeMap::new(),
            },
            policies,
            own: match self.reader {
                Some(reader) => {
                    let threads = unique(shown().map(|post| post.thread_id));
                    Some(own_marks(conn, reader, &ids, &threads, self.now)?)
                }
                None => None,
            },
            originals,
        })
    }

    /// What the reader sees of what posts quote.
    fn quoted<'p>(
        &self,
        conn: &mut Conn,
        posts: impl Iterator<Item = &'p Post>,
    ) -> Result<BTreeMap<PostId, quotes::Shown>> {
        quotes::shown(conn, self.reader, &unique(posts.map(|post| post.id)), self.now)
    }

    /// What the boosts among `posts` pass on, as far as the reader may see it.
    fn originals(&self, conn: &mut Conn, posts: &[Post]) -> Result<BTreeMap<PostId, Post>> {
        let ids = unique(posts.iter().filter_map(|post| post.boost_of_id));
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut originals: BTreeMap<PostId, Post> =
            db::posts::by_ids(conn, &ids)?.into_iter().map(|post| (post.id, post)).collect();
        let closed: Vec<PostId> = originals
            .values()
            .filter(|post| !post.visibility.is_open())
            .map(|post| post.id)
            .collect();
        if !closed.is_empty() {
            let readable = db::timelines::readable_among(conn, self.reader, &closed)?;
            originals.retain(|id, post| post.visibility.is_open() || readable.contains(id));
        }
        Ok(originals)
    }

    fn media_of(
        &self,
        conn: &mut Conn,
        posts: &[PostId],
    ) -> Result<BTreeMap<PostId, Vec<MediaAttachment>>> {
        let rows = db::media::of_posts(conn, posts)?;
        let entities = |media: Vec<db::media::Media>| {
            media.iter().map(|media| render::media(self, media)).collect()
        };
        Ok(rows.into_iter().map(|(post, media)| (post, entities(media))).collect())
    }

    /// The polls of posts, each with who asks.
    fn polls(
        &self,
        conn: &mut Conn,
        posts: &BTreeMap<PostId, ActorId>,
    ) -> Result<BTreeMap<PostId, Poll>> {
        if posts.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<PostId> = posts.keys().copied().collect();
        let polls = db::polls::of_posts(conn, &ids)?;
        let ids: Vec<PollId> = polls.values().map(|poll| poll.id).collect();
        let votes = match self.reader {
            Some(reader) => db::polls::votes_of(conn, reader, &ids)?,
            None => BTreeMap::new(),
        };
        let entity = |poll: &db::polls::Poll| {
            let own = self.reader.map(|_| votes.get(&poll.id).map_or(&[][..], Vec::as_slice));
            let asks = self.reader.is_some_and(|me| posts.get(&poll.post_id) == Some(&me));
            (poll.post_id, render::poll(poll, own, asks, self.now))
        };
        Ok(polls.values().map(entity).collect())
    }

    fn status_or_boost(&self, around: &Surroundings, post: &Post) -> Option<Status> {
        let Some(original) = post.boost_of_id else { return self.entity(around, post, true) };
        let original = self.entity(around, around.originals.get(&original)?, true)?;
        Some(Status {
            id: Id::from(post.id),
            created_at: At(post.created_at),
            uri: post.ap_id.to_string(),
            account: self.account(around.actors.get(&post.author_id)?),
            visibility: post.visibility.as_str(),
            in_reply_to_id: None,
            in_reply_to_account_id: None,
            pinned: None,
            application: None,
            reblog: Some(Box::new(original.clone())),
            ..original
        })
    }

    /// A post; what it quotes is all there where it is `whole`, else named.
    fn entity(&self, around: &Surroundings, post: &Post, whole: bool) -> Option<Status> {
        let author = around.actors.get(&post.author_id)?;
        let quote = around.quoted.get(&post.id).map(|shown| self.quote(around, shown, whole));
        let content = render::content(post.title.as_deref(), &post.content);
        let mentions = around.mentions.get(&post.id).into_iter().flatten();
        let mentions = mentions.filter_map(|id| around.actors.get(id)).map(mention).collect();
        let parent_author = post.in_reply_to_id.and_then(|id| around.parents.get(&id));
        Some(Status {
            id: Id::from(post.id),
            created_at: At(post.created_at),
            in_reply_to_id: parent_author.and(post.in_reply_to_id).map(Id::from),
            in_reply_to_account_id: parent_author.map(|id| Id::from(*id)),
            sensitive: post.sensitive,
            spoiler_text: post.spoiler_text.clone(),
            visibility: post.visibility.as_str(),
            language: post.language.clone(),
            uri: post.ap_id.to_string(),
            url: Some(render::post_url(&self.origin, post, author)),
            replies_count: post.replies_count,
            reblogs_count: post.boosts_count,
            favourites_count: post.likes_count,
            dislikes_count: post.dislikes_count,
            quotes_count: around.quotes_counts.get(&post.id).copied().unwrap_or_default(),
            quote_approval: self.quote_approval(around, post, author),
            edited_at: post.edited_at.map(At),
            content: match quote.as_ref().and_then(Quote::url) {
                Some(url) => render::with_quote(&content, url),
                None => content,
            },
            quote,
            reblog: None,
            application: post.app_id.and_then(|id| around.apps.get(&id)).map(|app| {
                StatusApplication { name: app.name.clone(), website: app.website.clone() }
            }),
            account: self.account(author),
            media_attachments: around.media.get(&post.id).cloned().unwrap_or_default(),
            mentions,
            tags: self.tags(around.tags.get(&post.id)),
            emojis: Vec::new(),
            card: None,
            poll: around.polls.get(&post.id).cloned(),
            own: around.own.as_ref().map(|own| own.of(post, around)),
            pinned: around
                .own
                .as_ref()
                .filter(|_| self.reader == Some(post.author_id))
                .map(|own| own.pinned.contains(&post.id)),
            text: None,
            submission: around.submissions.get(&post.id).map(|judged| Submission {
                state: judged.state.as_str(),
                account_id: Id::from(judged.judge_id),
                reason: judged.reason.clone().filter(|_| self.reader == Some(post.author_id)),
            }),
            thanks: None,
        })
    }

    fn quote(&self, around: &Surroundings, shown: &quotes::Shown, whole: bool) -> Quote {
        let post = shown.post.as_ref();
        Quote {
            state: match shown.sight {
                Sight::Shown => "accepted",
                Sight::Pending => "pending",
                Sight::Rejected => "rejected",
                Sight::Revoked => "revoked",
                Sight::Deleted => "deleted",
                Sight::Unauthorized => "unauthorized",
                Sight::Blocked => "blocked_account",
                Sight::Muted => "muted_account",
            },
            quoted: if whole {
                let status = post.and_then(|post| self.entity(around, post, false));
                Quoted::Whole { quoted_status: status.map(Box::new) }
            } else {
                Quoted::Shallow { quoted_status_id: post.map(|post| Id::from(post.id)) }
            },
        }
    }

    fn quote_approval(&self, around: &Surroundings, post: &Post, author: &Actor) -> QuoteApproval {
        let policy = around.policies.get(&post.id);
        let reader = self.reader.and_then(|reader| around.actors.get(&reader));
        let standing = around.standings.get(&post.author_id).copied().unwrap_or_default();
        let verdict = match reader {
            Some(reader) => quotes::foresee(reader, post, policy, author, standing),
            None => Verdict::Denied,
        };
        render::quote_approval(post, policy, author, verdict)
    }

    fn tags(&self, tags: Option<&Vec<(String, String)>>) -> Vec<StatusTag> {
        let tags = tags.into_iter().flatten();
        tags.map(|(name, _)| StatusTag {
            name: name.clone(),
            url: render::tag_url(&self.origin, name),
        })
        .collect()
    }
}

impl OwnMarks {
    fn of(&self, post: &Post, around: &Surroundings) -> Own {
        Own {
            favourited: self.liked.contains(&post.id),
            reblogged: self.boosted.contains(&post.id),
            muted: self.muted_threads.contains(&post.thread_id),
            bookmarked: self.bookmarked.contains(&post.id),
            filtered: self.filtered(post, around),
        }
    }

    /// The reader's filters that find a post; none find their own.
    fn filtered(&self, post: &Post, around: &Surroundings) -> Vec<FilterResult> {
        if self.sieve.is_empty() || Some(post.author_id) == self.reader {
            return Vec::new();
        }
        let mut words = vec![post.spoiler_text.clone(), text::plain_of_clean(&post.content)];
        words.extend(post.title.clone());
        let media = around.media.get(&post.id).into_iter().flatten();
        words.extend(media.filter_map(|media| media.description.clone()));
        let poll = around.polls.get(&post.id);
        words.extend(poll.into_iter().flat_map(|poll| &poll.options).map(|o| o.title.clone()));
        let result = |found: filters::Match| {
            let whole = self.filters.iter().find(|whole| whole.filter.id == found.filter)?;
            Some(FilterResult {
                filter: Filter::bare(&whole.filter),
                keyword_matches: (!found.keywords.is_empty()).then_some(found.keywords),
                status_matches: found.post.then(|| vec![post.id.to_string()]),
            })
        };
        self.sieve.find(post.id, &words.join("\n\n")).into_iter().filter_map(result).collect()
    }
}

/// How the reader stands to each of `others`; who follows whom only where one of the `policies` asks
/// for it.
fn standings(
    conn: &mut Conn,
    reader: ActorId,
    others: &[ActorId],
    policies: &BTreeMap<PostId, Policy>,
) -> Result<BTreeMap<ActorId, Standing>> {
    let mut all: BTreeMap<ActorId, Standing> = BTreeMap::new();
    let lists = policies.values().flat_map(|policy| [&policy.can_quote, &policy.ask_quote]);
    if lists.flatten().any(|list| !list.contains(quotes::EVERYONE)) {
        for follow in db::follows::towards(conn, reader, others)? {
            all.entry(follow.target_id).or_default().follows = follow.accepted_at.is_some();
        }
        for follow in db::follows::from(conn, reader, others)? {
            all.entry(follow.follower_id).or_default().followed = follow.accepted_at.is_some();
        }
    }
    let mut blocked = db::relations::blocking_among(conn, reader, others)?;
    blocked.extend(db::relations::blocked_among(conn, reader, others)?);
    for other in blocked {
        all.entry(other).or_default().blocked = true;
    }
    Ok(all)
}

fn own_marks(
    conn: &mut Conn,
    reader: ActorId,
    posts: &[PostId],
    threads: &[PostId],
    now: Time,
) -> Result<OwnMarks> {
    let filters = filters::all(conn, reader)?;
    let muted = db::standing::muted_threads_among(conn, reader, threads)?;
    Ok(OwnMarks {
        reader: Some(reader),
        muted_threads: muted.into_iter().collect(),
        sieve: Sieve::new(&filters, now),
        filters,
        liked: db::reactions::liked_among(conn, reader, posts)?.into_iter().collect(),
        boosted: db::posts::boosted_by(conn, reader, posts)?.into_iter().collect(),
        bookmarked: db::reactions::bookmarked_among(conn, reader, posts)?.into_iter().collect(),
        pinned: db::posts::pinned_among(conn, reader, posts)?.into_iter().collect(),
    })
}

/// A thank-you shows as a favourite: clients know no other word for it.
pub(crate) fn wire_kind(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Thanks => NotificationKind::Like.as_str(),
        kind => kind.as_str(),
    }
}

fn mention(actor: &Actor) -> Mention {
    Mention {
        id: Id::from(actor.id),
        username: actor.name.clone(),
        url: actor.url.clone(),
        acct: actor.acct(),
    }
}

fn unique<T: Ord>(ids: impl IntoIterator<Item = T>) -> Vec<T> {
    ids.into_iter().collect::<BTreeSet<T>>().into_iter().collect()
}

fn by_id(actors: Vec<Actor>) -> BTreeMap<ActorId, Actor> {
    actors.into_iter().map(|actor| (actor.id, actor)).collect()
}
