//! What was seen of the described entities, and what is never seen.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Api, described, faults, members_of, note_members};

/// Entities that a node never answers, and why; a `*` stands for any end.
const NEVER: &[(&str, &str)] = &[
    ("Admin*", "what operators do is done on pages of the web and by the command line"),
    ("CohortData", "of a call for operators"),
    ("AccountRole", "roles are not shown to others: `roles` is empty"),
    ("AccountWarning", "a moderation warning names the post, and the steward says why in a letter"),
    ("Appeal", "of an account warning"),
    ("AnnouncementAccount", "announcements mention nobody"),
    ("AnnouncementStatus", "announcements contain no posts"),
    ("AnnualReport", "nobody's year is summed up"),
    ("AsyncRefresh*", "what is missing of a thread is fetched without asking"),
    ("BaseStatus", "what clients send, not what they get"),
    ("Collection*", "of API version 10: collections of accounts"),
    ("CustomEmoji", "checked where custom emoji are"),
    ("CustomError422", "of a call for operators"),
    ("DomainBlock", "which servers are blocked is not published: the list is empty"),
    ("FeatureApproval", "of API version 10: collections of accounts"),
    ("IdentityProof", "gone from Mastodon itself; the list is empty"),
    ("InstanceIcon", "a node has no icon of its own: the list is empty"),
    ("NotificationFallback", "every type that is told is one that clients know"),
    ("OEmbedResponse", "posts are not embedded in other pages"),
    ("PartialAccountWithAvatar", "accounts of grouped notifications come whole"),
    ("PreviewCard*", "a node fetches nothing for decoration: `card` is null"),
    ("RelationshipSeveranceEvent", "no notification of this type"),
    ("Rule", "a node has no list of rules: groups have charters"),
    ("ShallowTag", "no call answers it"),
    ("Suggestion", "nothing here recommends people: the list is empty"),
    ("TagHistory", "nothing here counts how hashtags rise: the list is empty"),
    ("TermsOfService", "a node has none"),
    ("Translation*", "no words leave the node"),
    ("TrendsLink", "nothing here ranks what people link to: the list is empty"),
];

/// Members of entities that are never there, or always null, and why.
const UNSAID: &[(&str, &str)] = &[
    ("Account.avatar_description", "a picture of a profile has no words of its own"),
    ("Account.header_description", "as `avatar_description`"),
    ("Account.feature_approval", "of API version 10: collections of accounts"),
    ("Account.limited", "a server is kept at arm's length, not an account"),
    ("Account.memorial", "no account is made a memorial"),
    ("Account.show_featured", "of API version 8; what a profile shows is up to the client"),
    ("Account.show_media", "as `show_featured`"),
    ("Account.show_media_replies", "as `show_featured`"),
    ("CredentialAccount.moved", "who has moved is told by their account"),
    ("CredentialAccount.suspended", "who is suspended is refused"),
    ("MutedAccount.moved", "as in other lists: told where the account is looked at by itself"),
    ("MutedAccount.suspended", "who is suspended is not listed"),
    ("Instance.configuration.accounts.max_avatar_description_length", "there is none"),
    ("Instance.configuration.accounts.max_header_description_length", "there is none"),
    (
        "Instance.configuration.urls.privacy_policy",
        "a node has no page for it: the call has the text",
    ),
    ("Instance.configuration.urls.status", "a node has no page for it"),
    ("Instance.configuration.urls.terms_of_service", "a node has none"),
    ("Instance.registrations.min_age", "nobody is asked for their age"),
    ("Instance.registrations.url", "people sign up here"),
    ("Instance.thumbnail.blurhash", "of a drawing that comes with the program"),
    ("Instance.thumbnail.description", "of a drawing that comes with the program"),
    ("Instance.thumbnail.versions.@1x", "there is one size"),
    ("Instance.thumbnail.versions.@2x", "there is one size"),
    ("Instance.wrapstodon", "nobody's year is summed up"),
    ("Notification.collection", "of API version 10: collections of accounts"),
    ("Notification.event", "of a type that is never told"),
    ("Notification.fallback", "every type that is told is one that clients know"),
    ("Notification.moderation_warning", "the post is named; there is no list of strikes"),
    ("Notification.report", "who reported is not said, and stewards have a list of their own"),
    ("NotificationGroup.event", "as of a notification"),
    ("NotificationGroup.fallback", "as of a notification"),
    ("NotificationGroup.moderation_warning", "as of a notification"),
    ("NotificationGroup.report", "as of a notification"),
    ("GroupedNotificationsResults.partial_accounts", "accounts come whole"),
    ("Reaction.static_url", "of custom emoji; reactions are characters"),
    ("Reaction.url", "of custom emoji; reactions are characters"),
    ("Report.collection_ids", "of API version 10: collections of accounts"),
    ("Role.collection_limit", "of API version 10: collections of accounts"),
    ("ScheduledStatus.params.scheduled_at", "always null, in Mastodon too: it is planned once"),
    ("Search.collections", "of API version 10: collections of accounts"),
    ("Status.card", "a node fetches nothing for decoration"),
    ("Status.tagged_collections", "of API version 10: collections of accounts"),
];

fn is_never(entity: &str) -> bool {
    NEVER.iter().any(|(name, _)| match name.strip_suffix('*') {
        Some(start) => entity.starts_with(start),
        None => entity == *name,
    })
}

/// What was seen.
#[derive(Default)]
pub struct Seen {
    /// Entities, and their members that had a value.
    members: BTreeSet<String>,
    /// What is not as it is described.
    wrong: BTreeSet<String>,
}

impl Seen {
    pub fn one(&mut self, value: Value, entity: &str) -> Value {
        self.wrong.extend(faults(&value, entity));
        note_members(&value, entity, &mut self.members);
        value
    }

    #[track_caller]
    pub fn all(&mut self, value: Value, entity: &str) -> Value {
        assert_ne!(value, json!([]), "no {entity} at all");
        for item in value.as_array().unwrap_or_else(|| panic!("no array: {value}")) {
            self.one(item.clone(), entity);
        }
        value
    }

    pub async fn get(&mut self, api: &Api, path: &str, entity: &str) -> Value {
        let value = api.get(path).await;
        self.one(value, entity)
    }

    pub async fn list(&mut self, api: &Api, path: &str, entity: &str) -> Value {
        let value = api.get(path).await;
        self.all(value, entity)
    }

    pub async fn post(&mut self, api: &Api, path: &str, body: Value, entity: &str) -> Value {
        let value = api.post(path, body).await;
        self.one(value, entity)
    }

    /// Fails where anything that is described was forgotten, or is not as it is described.
    pub fn is_all(&self) {
        let Some(all) = described() else { return };
        let mut wrong: Vec<String> = self.wrong.iter().cloned().collect();
        for (entity, schema) in all {
            let is_entity = schema["properties"].is_object();
            match (is_never(entity), self.members.contains(entity)) {
                (true, true) => wrong.push(format!("{entity} is answered after all")),
                (false, false) if is_entity => wrong.push(format!("{entity} was not seen")),
                (false, true) => wrong.extend(self.unseen(entity)),
                (true | false, false) => {}
            }
        }
        for (name, _) in NEVER {
            let start = name.trim_end_matches('*');
            if !all.keys().any(|entity| entity.starts_with(start)) {
                wrong.push(format!("no entity is called {name}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn unseen(&self, entity: &str) -> Vec<String> {
        let account = |member: &str| match member.split_once('.') {
            Some(("CredentialAccount" | "MutedAccount", key)) => format!("Account.{key}"),
            _ => member.to_owned(),
        };
        let unsaid = |member: &str| {
            UNSAID.iter().any(|(name, _)| *name == member || *name == account(member))
        };
        let of = members_of(entity);
        let missing = of.iter().filter(|member| !self.members.contains(*member) && !unsaid(member));
        let missing = missing.map(|member| format!("{member} never had a value"));
        let kept = of.iter().filter(|member| self.members.contains(*member) && unsaid(member));
        missing.chain(kept.map(|member| format!("{member} has a value after all"))).collect()
    }
}
