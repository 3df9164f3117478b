//! Each dialect of each shape, one small example by one.
use serde_json::{Value, json};

use super::{
    AS, Activity, Object, PUBLIC, activity,
    object::{Kind, family},
    write,
};
use crate::types::{Time, Uri, Visibility};

const ALICE: &str = "https://elm.example/u/alice";
const POST: &str = "https://oak.example/p/1";

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn read(value: Value) -> activity::Incoming {
    activity::read(&value).unwrap()
}

fn with(extra: Value) -> Value {
    let mut whole = json!({"id": "https://elm.example/a/1", "actor": ALICE});
    whole.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    whole
}

fn note(extra: Value) -> Value {
    let mut whole = json!({
        "id": "https://elm.example/p/9", "type": "Note", "attributedTo": ALICE,
        "content": "<p>hello</p>", "to": [PUBLIC], "cc": [],
    });
    whole.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    whole
}

fn post(extra: Value) -> Object {
    Object::read(&note(extra)).unwrap()
}

#[test]
fn a_follow_may_embed_whom_it_follows_and_lack_an_id() {
    let group = "https://oak.example/c/help";
    let embedded = json!({"type": "Follow", "actor": {"id": ALICE, "type": "Person"},
        "object": {"id": group, "type": "Group"}, "state": "pending"});
    let follow = read(embedded);
    assert_eq!(follow.id, None);
    assert_eq!(follow.actor, uri(ALICE));
    assert_eq!(follow.activity, Activity::Follow { object: uri(group) });
}

#[test]
fn an_undo_may_name_or_embed_what_it_undoes() {
    for object in [
        json!("https://elm.example/f/1"),
        json!({"id": "https://elm.example/f/1",
        "type": "Follow", "actor": ALICE, "object": POST}),
        json!(["https://elm.example/f/1"]),
    ] {
        let Activity::Undo { object } =
            read(with(json!({"type": "Undo", "object": object}))).activity
        else {
            panic!("not an Undo");
        };
        assert_eq!(object.require_id().unwrap(), &uri("https://elm.example/f/1"));
    }
    let nameless =
        json!({"type": "Undo", "object": {"type": "Like", "actor": ALICE, "object": POST}});
    let Activity::Undo { object } = read(with(nameless)).activity else { panic!("not an Undo") };
    assert!(object.is("Like") && object.id.is_none());
}

#[test]
fn reactions_come_in_three_spellings() {
    let like = |extra: Value| {
        let mut whole = json!({"type": "Like", "object": {"id": POST, "type": "Note"}});
        whole.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        match read(with(whole)).activity {
            Activity::Like(like) => like.content,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(like(json!({})), None);
    assert_eq!(like(json!({"content": "🙏"})).as_deref(), Some("🙏"));
    assert_eq!(like(json!({"_misskey_reaction": "🙏"})).as_deref(), Some("🙏"));
    let react = json!({"type": "EmojiReact", "object": POST, "content": "🙏"});
    let expected = Activity::EmojiReact { object: uri(POST), content: "🙏".into() };
    assert_eq!(read(with(react)).activity, expected);
}

#[test]
fn several_votes_may_come_in_one() {
    let ballot = |name: &str| {
        json!({"id": format!("https://elm.example/v/{name}"), "type": "Note", "name": name,
            "attributedTo": ALICE, "inReplyTo": POST, "to": "https://oak.example/u/bob"})
    };
    let create = read(with(json!({"type": "Create", "object": [ballot("Yes"), ballot("No")]})));
    let Activity::Create { objects } = create.activity else { panic!("not a Create") };
    let votes: Vec<_> = objects
        .iter()
        .map(|object| Object::read(object.embedded.as_ref().unwrap()).unwrap())
        .map(|ballot| ballot.vote().map(str::to_owned))
        .collect();
    assert_eq!(votes, [Some("Yes".to_owned()), Some("No".to_owned())]);
    assert_eq!(post(json!({"name": "Yes", "inReplyTo": POST})).vote(), None, "a reply with words");
    let announce =
        json!({"type": "Announce", "object": [{"type": "Like", "actor": ALICE, "object": POST}]});
    assert!(
        matches!(read(with(announce)).activity, Activity::Announce { objects } if objects.len() == 1)
    );
}

#[test]
fn the_first_type_we_know_counts() {
    let kind =
        |kind: Value| read(with(json!({"type": kind, "object": POST}))).activity.kind().to_owned();
    assert_eq!(kind(json!(["Odd", "as:Dislike"])), "Dislike");
    assert_eq!(kind(json!("litepub:View")), "View");
    assert_eq!(kind(json!(format!("{AS}#Lock"))), "Lock");
}

#[test]
fn an_activity_that_says_two_things_is_refused() {
    let refused = |value: Value| assert!(activity::read(&value).is_err(), "{value}");
    refused(
        json!({"id": "https://elm.example/a/1", "type": "Create", "actor": [ALICE, POST], "object": POST}),
    );
    refused(with(json!({"type": "Create", "object": POST, "id": 5})));
    refused(with(json!({"type": "Like", "object": POST, "id": null})));
    refused(with(json!({"type": "Follow", "object": {}})));
    refused(with(json!({"type": "Follow", "object": [1, 2]})));
    refused(with(json!({"type": [], "object": POST})));
    refused(with(json!({"type": "Flag", "object": vec![POST; 300]})));
    refused(with(json!({"type": "Follow", "object": POST, "to": vec![POST; 300]})));
    refused(with(
        json!({"type": "Follow", "object": POST, "@context": [AS, {"actor": "x:decoy"}]}),
    ));
    let fine =
        json!({"type": "Follow", "object": POST, "@context": [AS, {"type": "@type", "id": "@id"}]});
    assert!(activity::read(&with(fine)).is_ok());
}

#[test]
fn public_in_any_spelling_and_place_decides_who_may_see_it() {
    let followers = "https://elm.example/u/alice/followers";
    let seen = |to: Value, cc: Value| post(json!({"to": to, "cc": cc})).visibility(&[]);
    assert_eq!(seen(json!("as:Public"), json!(null)), Visibility::Public);
    assert_eq!(seen(json!([followers]), json!(["Public"])), Visibility::Unlisted);
    assert_eq!(seen(json!([followers]), json!([])), Visibility::Followers);
    assert_eq!(seen(json!([POST]), json!([])), Visibility::Direct);
    let members = uri("https://elm.example/members");
    let object = post(json!({"to": [members]}));
    assert_eq!(object.visibility(&[&members]), Visibility::Followers);
}

#[test]
fn the_group_is_looked_for_where_it_is_most_likely() {
    let groups = post(json!({
        "audience": "https://a.example/c/1", "to": [PUBLIC, "https://a.example/c/2"],
        "cc": ["https://a.example/c/1"], "context": "https://a.example/c/4",
        "tag": {"type": "Mention", "href": "https://a.example/c/3", "name": "!c@a.example"},
    }))
    .groups()
    .into_iter()
    .map(|uri| uri.path().to_owned())
    .collect::<Vec<_>>();
    assert_eq!(groups, ["/c/1", "/c/2", "/c/3", "/c/4"]);
}

#[test]
fn texts_may_be_maps_and_authors_objects() {
    let page = post(json!({
        "type": "Page", "attributedTo": [{"id": "https://elm.example/channel", "type": "Group"},
            {"id": ALICE, "type": "Person"}],
        "content": null, "contentMap": {"de": "<p>Hallo</p>"}, "nameMap": {"de": "Titel"},
        "attachment": [{"type": "Link", "href": "https://a.example/article"}],
        "source": {"content": "Hallo", "mediaType": "text/markdown"},
        "url": [{"type": "Link", "mediaType": "text/html", "href": "https://elm.example/9"}],
    }));
    assert_eq!(page.kind, Kind::Page);
    assert_eq!(page.author(), Some(&uri(ALICE)));
    assert_eq!(page.content.as_deref(), Some("<p>Hallo</p>"));
    assert_eq!(page.name.as_deref(), Some("Titel"));
    assert_eq!(page.language.as_deref(), Some("de"));
    assert_eq!(page.link, Some(uri("https://a.example/article")));
    assert_eq!(page.markdown.as_deref(), Some("Hallo"));
    assert_eq!(page.url, Some(uri("https://elm.example/9")));
    assert!(page.attachments.is_empty());
}

#[test]
fn a_bare_source_is_of_the_post_or_the_post_is_refused() {
    let with_source = |source: &str| {
        Object::read(&note(json!({"content": "<p>Have <b>what</b>?</p>", "source": source})))
    };
    for fine in ["@ana@elm.example Have what?", "https://elm.example/9", "", "🙏", "?!"] {
        assert_eq!(with_source(fine).unwrap().markdown, None, "{fine}");
    }
    assert!(with_source("something else").is_err());
}

#[test]
fn pictures_keep_what_they_show() {
    let files = post(json!({"attachment": [
        {"type": "Document", "mediaType": "image/webp", "url": "https://a.example/1", "name": "A saw",
         "blurhash": "LEHV6", "width": 640, "height": 480, "focalPoint": [0.5, -3]},
        {"type": "Image", "url": [{"type": "Link", "href": "https://a.example/2.png"}]},
        {"type": "Link", "href": "https://a.example/3.jpg"},
        {"type": "PropertyValue", "name": "x", "value": "y"},
        {"type": "Image", "url": "javascript:alert(1)"},
    ]}))
    .attachments;
    assert_eq!(files.len(), 3);
    assert_eq!(files[0].description.as_deref(), Some("A saw"));
    assert_eq!(files[0].focus, Some((0.5, -1.0)));
    assert_eq!(files[1].media_type.as_deref(), Some("image/png"));
    assert_eq!(files[2].url, uri("https://a.example/3.jpg"));
}

#[test]
fn a_poll_keeps_its_options_and_ends() {
    let question = json!({"type": "Question", "endTime": "2026-03-01T10:00:00Z", "closed": true,
        "votersCount": "3", "oneOf": [
            {"type": "Note", "name": "Yes", "replies": {"type": "Collection", "totalItems": 2}},
            {"type": "Note", "name": "No"}]});
    let poll = post(question).poll.unwrap();
    assert!(!poll.multiple);
    assert_eq!(poll.options[0].votes, 2);
    assert_eq!(poll.closed, Time::parse("2026-03-01T10:00:00Z"));
    assert_eq!(poll.voters, None);
    let both = json!({"type": "Question", "oneOf": [{"name": "a"}], "anyOf": [{"name": "b"}]});
    assert!(Object::read(&note(both)).is_err());
}

#[test]
fn an_event_says_when_and_where() {
    let event = json!({"type": "Event", "startTime": "2026-03-01T10:00:00Z",
        "endTime": "2026-03-01T12:00:00Z", "location": [{"type": "VirtualLocation", "url": POST},
        {"type": "Place", "name": "Barn", "address": {"streetAddress": "Elm 1", "addressLocality": "Oak"}}]});
    let event = post(event).event.unwrap();
    assert_eq!(event.place.as_deref(), Some("Barn, Elm 1, Oak"));
    assert_eq!(event.online, Some(uri(POST)));
}

#[test]
fn a_policy_that_names_nobody_allows_nobody() {
    let policy = |value: Value| post(json!({"interactionPolicy": value})).policy;
    assert!(post(json!({})).policy.boosts_are_free());
    assert!(policy(json!({"canAnnounce": {"automaticApproval": PUBLIC}})).boosts_are_free());
    assert!(policy(json!({"canAnnounce": {"always": [PUBLIC]}})).boosts_are_free());
    assert!(!policy(json!({"canAnnounce": {"automaticApproval": [ALICE]}})).boosts_are_free());
    assert!(!policy(json!({"canAnnounce": {"manualApproval": [PUBLIC]}})).boosts_are_free());
}

#[test]
fn what_is_deleted_is_told_from_a_post() {
    let gone = write::tombstone(&uri(POST), "Note", Time(0));
    assert_eq!(family(&gone), Some(super::object::Family::Tombstone));
    let delete = read(with(json!({"type": "Delete", "object": gone, "summary": ""})));
    let Activity::Delete(delete) = delete.activity else { panic!("not a Delete") };
    assert_eq!(delete.object, uri(POST));
    assert_eq!(delete.summary.as_deref(), Some(""), "an empty summary is still a removal");
}
