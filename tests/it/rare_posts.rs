//! What somebody wants to read may be rare among very much that they do not: nothing of it is missed,
//! and nothing comes twice, in whatever direction they read.
use commonhold::{
    db::{
        self,
        actors::Actor,
        lists::Replies,
        media::Media,
        notifications::{self, Notification, NotificationKind},
        page::Page,
        posts::Post,
        timelines::{self, AccountFilter, PublicFilter, TagFilter},
    },
    domain::{
        Tx, follows,
        lists::{self, ListChange},
        tags,
    },
    types::{ActorId, MediaId, NotificationId, PostId, Uri},
};

use crate::{
    harness::Database,
    rules::{Quiet, join},
};

stories![what_is_rare_is_found_among_thousands, a_rare_notice_is_found_among_hundreds];

/// More than are looked at one by one, more than once.
const CROWD: usize = 1_300;

fn post(tx: &mut Tx, author: &Actor, words: &str) -> commonhold::Result<Post> {
    let id = PostId(tx.new_id());
    let uri = Uri(format!("{}/posts/{id}", author.ap_id.0).parse().unwrap());
    let content = format!("<p>{words}</p>");
    let post = Post { content, local: true, ..Post::new(id, uri, author, tx.now()) };
    db::posts::insert(tx, &post)?;
    Ok(post)
}

/// Every page of a list, read down from the newest and up from the oldest.
fn all(node: &Quiet, read: impl Fn(&mut db::Conn, &Page) -> Vec<Post>) -> Vec<PostId> {
    let ids = |page: &Page| -> Vec<PostId> {
        let posts = node.app.read_now(|conn| Ok(read(conn, page))).unwrap();
        posts.iter().map(|post| post.id).collect()
    };
    let mut down = Vec::new();
    let mut page = Page::newest(7);
    loop {
        let more = ids(&page);
        let Some(last) = more.last() else { break };
        page.max_id = Some(last.0);
        down.extend(more);
    }
    let mut up: Vec<PostId> = Vec::new();
    let mut page = Page { min_id: Some(0), limit: 7, ..Page::default() };
    loop {
        let more = ids(&page);
        let Some(first) = more.first() else { break };
        page.min_id = Some(first.0);
        up.splice(0..0, more);
    }
    assert_eq!(up, down, "the same in both directions");
    let most = Page::newest(40);
    assert_eq!(ids(&most)[..], down[..down.len().min(40)], "and on one page");
    if let [newest, .., oldest] = down[..] {
        let inside =
            Page { max_id: Some(newest.0), since_id: Some(oldest.0), limit: 40, min_id: None };
        assert_eq!(ids(&inside)[..], down[1..(down.len() - 1).min(41)], "and between two");
    }
    down
}

async fn what_is_rare_is_found_among_thousands(database: Database) {
    let node = Quiet::open(database);
    let (reader, crowd) = (join(&node.app, "reader"), join(&node.app, "crowd"));
    let (friend, poet) = (join(&node.app, "friend"), join(&node.app, "poet"));
    let (me, by_tag) = (reader.id, join(&node.app, "tagger").id);
    let (friend_is, own) = (friend.clone(), reader.clone());
    let list = node
        .app
        .write_now(move |tx| {
            follows::follow(tx, me, &friend_is, follows::Options::default())?;
            let replies = Some(Replies::None);
            let title = Some("Friends".to_owned());
            let list = lists::create(tx, me, ListChange { title, replies, exclusive: None })?;
            lists::add(tx, me, list.id, &[friend_is.id])?;
            tags::follow(tx, by_tag, "thistle")?;
            Ok(list)
        })
        .unwrap();
    // A few words of a friend, a poet and the reader's own, here and there in the crowd's.
    let (mut by_friend, mut own_too, mut tagged, mut pictured) = (vec![], vec![], vec![], vec![]);
    for piece in 0..13 {
        let (crowd, friend, poet, own) = (crowd.clone(), friend.clone(), poet.clone(), own.clone());
        let made = node.app.write_now(move |tx| {
            for number in 0..CROWD / 13 {
                post(tx, &crowd, &format!("Noise {piece} {number}"))?;
            }
            // None among the newest, so that nothing is found near.
            if piece > 8 {
                return Ok(None);
            }
            let of_friend = post(tx, &friend, "Quiet words")?.id;
            let mine = if piece == 4 { Some(post(tx, &own, "My own")?.id) } else { None };
            let verse = post(tx, &poet, "A verse")?.id;
            db::posts::insert_tags(tx, verse, &[("thistle".into(), "Thistle".into())])?;
            if piece % 2 == 0 {
                db::posts::insert_tags(tx, verse, &[("thorn".into(), "thorn".into())])?;
            }
            let picture = post(tx, &poet, "A drawing")?.id;
            for position in 0..2 {
                let id = MediaId(tx.new_id());
                let bare = Media::new(poet.id, "image", "image/png");
                let post_id = Some(picture);
                db::media::insert(tx, &Media { id, post_id, position, ..bare })?;
            }
            Ok(Some((of_friend, mine, verse, picture)))
        });
        if let Some((of_friend, mine, verse, picture)) = made.unwrap() {
            by_friend.push(of_friend);
            own_too.push(of_friend);
            own_too.extend(mine);
            tagged.push(verse);
            pictured.push(picture);
        }
    }
    for ids in [&mut by_friend, &mut own_too, &mut tagged, &mut pictured] {
        ids.reverse();
    }
    own_too.sort_unstable_by(|one, two| two.cmp(one));
    let now = node.app.now();
    let home = |of: ActorId| all(&node, |conn, page| timelines::home(conn, of, page, now).unwrap());
    assert_eq!(home(me), own_too);
    assert_eq!(home(by_tag), tagged, "whoever follows a tag alone");
    let listed = all(&node, |conn, page| timelines::list(conn, me, &list, page, now).unwrap());
    assert_eq!(listed, by_friend);
    let with_tags = |any: &[&str], none: &[&str]| {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let wanted = TagFilter { any: words(any), none: words(none), all: Vec::new() };
        all(&node, |conn, page| {
            let filter = PublicFilter::default();
            timelines::tagged(conn, Some(me), &wanted, filter, page, now).unwrap()
        })
    };
    assert_eq!(with_tags(&["thistle"], &[]), tagged);
    assert_eq!(with_tags(&["thistle", "thorn"], &[]), tagged, "each once");
    assert_eq!(with_tags(&["thistle"], &["thorn"]).len(), 4);
    assert_eq!(with_tags(&["rose"], &[]), []);
    let filter = PublicFilter { only_media: true, ..PublicFilter::default() };
    let public = all(&node, |conn, page| timelines::public(conn, None, filter, page, now).unwrap());
    assert_eq!(public, pictured);
    let filter = AccountFilter { only_media: true, ..AccountFilter::default() };
    let of = |author: ActorId| {
        all(&node, |conn, page| timelines::account(conn, None, author, &filter, page).unwrap())
    };
    assert_eq!(of(poet.id), pictured);
    assert_eq!(of(crowd.id), []);
}

async fn a_rare_notice_is_found_among_hundreds(database: Database) {
    use NotificationKind::{Like, Mention, Poll};
    let node = Quiet::open(database);
    let (reader, other) = (join(&node.app, "reader").id, join(&node.app, "other").id);
    let kind_of = |number: usize| match number {
        13 | 77 | 401 => Mention,
        19 | 300 => Poll,
        _ => Like,
    };
    let made: Vec<NotificationId> = node
        .app
        .write_now(move |tx| {
            (0..500)
                .map(|number| {
                    let id = NotificationId(tx.new_id());
                    let row = Notification {
                        id,
                        recipient_id: reader,
                        kind: kind_of(number),
                        from_id: other,
                        post_id: None,
                        dedup: id.to_string(),
                        created_at: tx.now(),
                        filtered: number == 77,
                        group_key: String::new(),
                    };
                    notifications::insert(tx, &row)?;
                    Ok(id)
                })
                .collect()
        })
        .unwrap();
    let found = |kinds: &[NotificationKind], page: Page| -> Vec<NotificationId> {
        let wanted = notifications::Wanted { kinds: kinds.to_vec(), from: None, filtered: false };
        let rows = node.app.read_now(|conn| Ok(notifications::list(conn, reader, &wanted, &page)?));
        rows.unwrap().iter().map(|row| row.id).collect()
    };
    assert_eq!(found(&[Mention], Page::newest(20)), [made[401], made[13]], "77 waits");
    assert_eq!(found(&[Mention, Poll], Page::newest(3)), [made[401], made[300], made[19]]);
    let up = Page { min_id: Some(made[13].0), limit: 2, ..Page::default() };
    assert_eq!(found(&[Mention, Poll], up), [made[300], made[19]]);
    let newest: Vec<NotificationId> = made.iter().rev().take(40).copied().collect();
    assert_eq!(found(NotificationKind::ALL, Page::newest(40)), newest);
    let four = [Like, Mention, Poll, NotificationKind::Follow];
    assert_eq!(found(&four, Page::newest(40)), newest);
    assert_eq!(found(&[], Page::newest(40)), []);
}
