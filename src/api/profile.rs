//! The member's own account: <https://docs.joinmastodon.org/methods/accounts/#verify_credentials>
use std::collections::BTreeMap;

use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, scope},
    describe::Api,
    entities::{At, CredentialAccount, Field, Marker, Preferences, Profile, Role, Source, View},
    params::{Files, Params},
    tags,
};
use crate::{
    db::{self, Conn, actors::Actor},
    domain::{
        Tx,
        actors::{self, ProfileChange},
        members,
    },
    error::{Error, Result},
    media::{self, Purpose},
    types::{ActorId, Visibility},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/accounts/verify_credentials", verify, "Your own account")
        .patch(
            "/api/v1/accounts/update_credentials",
            update,
            "Changes your profile, its pictures and your defaults",
        )
        .files(&["avatar", "header"])
        .get("/api/v1/profile", profile, "Your profile, as you wrote it")
        .patch("/api/v1/profile", change_profile, "Changes your profile and its pictures")
        .files(&["avatar", "header"])
        .delete("/api/v1/profile/avatar", drop_avatar, "Takes your picture away")
        .delete("/api/v1/profile/header", drop_header, "Takes your header picture away")
        .get("/api/v1/preferences", preferences, "Your defaults for posting and reading")
        .get("/api/v1/markers", markers, "How far you have read")
        .post("/api/v1/markers", set_markers, "Says how far you have read");
}

impl View {
    /// A member's account as they see it themselves.
    fn credentials(&self, conn: &mut Conn, actor: &Actor) -> Result<CredentialAccount> {
        let member = db::members::by_id(conn, actor.id)?.ok_or(Error::NotFound)?;
        let waiting = db::follows::requests(conn, &[actor.id], &db::page::Page::newest(100))?;
        Ok(CredentialAccount {
            account: self.account_itself(conn, actor)?,
            source: Source {
                privacy: member.default_visibility.to_string(),
                sensitive: member.default_sensitive,
                language: member.default_language,
                note: actor.summary_source.clone(),
                fields: typed(actor),
                follow_requests_count: i64::try_from(waiting.len()).unwrap_or_default(),
                discoverable: actor.discoverable,
                indexable: false,
                hide_collections: false,
                attribution_domains: Vec::new(),
                quote_policy: "public",
            },
            role: role(member.operator),
        })
    }

    /// A member's profile as they wrote it.
    fn profile(&self, conn: &mut Conn, actor: &Actor) -> Result<Profile> {
        let account = self.account(actor);
        let (avatar, header) = (actor.avatar.is_some(), actor.header.is_some());
        Ok(Profile {
            id: account.id,
            display_name: account.display_name,
            note: actor.summary_source.clone(),
            fields: typed(actor),
            avatar: avatar.then_some(account.avatar),
            avatar_static: avatar.then_some(account.avatar_static),
            avatar_description: "",
            header: header.then_some(account.header),
            header_static: header.then_some(account.header_static),
            header_description: "",
            locked: account.locked,
            bot: account.bot,
            hide_collections: account.hide_collections,
            discoverable: account.discoverable,
            indexable: account.indexable,
            show_media: true,
            show_media_replies: true,
            show_featured: true,
            attribution_domains: Vec::new(),
            featured_tags: tags::shown_by(conn, actor.id)?,
        })
    }
}

/// What a member typed into each line.
fn typed(actor: &Actor) -> Vec<Field> {
    let plain = |field: actors::Field| Field {
        name: field.name,
        value: field.source,
        verified_at: field.verified_at.map(At),
    };
    actors::fields(actor).into_iter().map(plain).collect()
}

fn role(operator: bool) -> Role {
    Role {
        id: if operator { "1" } else { "-99" }.into(),
        name: if operator { "Operator" } else { "" }.into(),
        color: String::new(),
        permissions: "0".into(),
        highlighted: operator,
    }
}

async fn verify(member: Member<scope::Profile>, ctx: Ctx) -> Result<Json<CredentialAccount>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| Ok(Json(view.credentials(conn, &member.actor)?))).await
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Changes {
    display_name: Option<String>,
    note: Option<String>,
    locked: Option<bool>,
    bot: Option<bool>,
    discoverable: Option<bool>,
    fields_attributes: Option<Vec<FieldChange>>,
    #[serde(default)]
    source: SourceChange,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct FieldChange {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct SourceChange {
    #[schemars(extend("enum" = Visibility::WORDS))]
    privacy: Option<String>,
    sensitive: Option<bool>,
    language: Option<String>,
}

impl SourceChange {
    fn preferences(self) -> Result<members::Preferences> {
        let privacy = self.privacy.filter(|word| !word.is_empty());
        let visibility = privacy.map(|word| {
            Visibility::from_word(&word).ok_or_else(|| {
                Error::invalid("Validation failed: Default privacy is not included in the list")
            })
        });
        Ok(members::Preferences {
            visibility: visibility.transpose()?,
            sensitive: self.sensitive,
            language: self.language.map(|code| Some(code).filter(|code| !code.is_empty())),
            ..members::Preferences::default()
        })
    }
}

async fn update(
    member: Member<scope::WriteAccounts>,
    form: Params<Changes>,
    ctx: Ctx,
) -> Result<Json<CredentialAccount>> {
    let view = member.view(&ctx);
    let change = Change::read(&ctx, form).await?;
    ctx.write(move |tx| {
        let actor = change.make(tx, member.id)?;
        Ok(Json(view.credentials(tx, &actor)?))
    })
    .await
}

async fn profile(member: Member<scope::Profile>, ctx: Ctx) -> Result<Json<Profile>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| Ok(Json(view.profile(conn, &member.actor)?))).await
}

async fn change_profile(
    member: Member<scope::WriteAccounts>,
    form: Params<Changes>,
    ctx: Ctx,
) -> Result<Json<Profile>> {
    let view = member.view(&ctx);
    let change = Change::read(&ctx, form).await?;
    ctx.write(move |tx| {
        let actor = change.make(tx, member.id)?;
        Ok(Json(view.profile(tx, &actor)?))
    })
    .await
}

/// What somebody wants to change, its pictures put away.
struct Change {
    preferences: members::Preferences,
    profile: ProfileChange,
}

impl Change {
    async fn read(ctx: &Ctx, form: Params<Changes>) -> Result<Self> {
        let Params { form, mut files } = form;
        let preferences = form.source.preferences()?;
        let fields = form.fields_attributes.map(|fields| {
            fields.into_iter().map(|field| (field.name, field.value)).collect::<Vec<_>>()
        });
        let profile = ProfileChange {
            display_name: form.display_name,
            note: form.note,
            avatar: picture(ctx, &mut files, "avatar", Purpose::Avatar).await?,
            header: picture(ctx, &mut files, "header", Purpose::Header).await?,
            locked: form.locked,
            bot: form.bot,
            discoverable: form.discoverable,
            fields,
        };
        Ok(Self { preferences, profile })
    }

    fn make(self, tx: &mut Tx, id: ActorId) -> Result<Actor> {
        members::change_preferences(tx, id, self.preferences)?;
        actors::change_profile(tx, id, self.profile)
    }
}

/// Where an uploaded picture was put; `None` if there is none.
async fn picture(
    ctx: &Ctx,
    files: &mut Files,
    field: &str,
    purpose: Purpose,
) -> Result<Option<Option<String>>> {
    let Some(upload) = files.take(field) else { return Ok(None) };
    let kept = media::receive(ctx.store(), upload.read().await?, purpose).await?;
    Ok(Some(Some(kept.path)))
}

async fn drop_avatar(
    member: Member<scope::WriteAccounts>,
    ctx: Ctx,
) -> Result<Json<CredentialAccount>> {
    let change = ProfileChange { avatar: Some(None), ..ProfileChange::default() };
    drop_picture(member, change, ctx).await
}

async fn drop_header(
    member: Member<scope::WriteAccounts>,
    ctx: Ctx,
) -> Result<Json<CredentialAccount>> {
    let change = ProfileChange { header: Some(None), ..ProfileChange::default() };
    drop_picture(member, change, ctx).await
}

async fn drop_picture(
    member: Member<scope::WriteAccounts>,
    change: ProfileChange,
    ctx: Ctx,
) -> Result<Json<CredentialAccount>> {
    let view = member.view(&ctx);
    ctx.write(move |tx| {
        let actor = actors::change_profile(tx, member.id, change)?;
        Ok(Json(view.credentials(tx, &actor)?))
    })
    .await
}

async fn preferences(member: Member<scope::ReadAccounts>, ctx: Ctx) -> Result<Json<Preferences>> {
    ctx.read(move |conn| {
        let member = db::members::by_id(conn, member.id)?.ok_or(Error::NotFound)?;
        Ok(Json(Preferences {
            visibility: member.default_visibility.to_string(),
            sensitive: member.default_sensitive,
            language: member.default_language,
            quote_policy: "public",
            expand_media: "default",
            expand_spoilers: false,
        }))
    })
    .await
}

/// The timelines that have a marker.
const MARKED: [&str; 2] = ["home", "notifications"];

#[derive(Debug, Deserialize, JsonSchema)]
struct Timelines {
    #[serde(default)]
    timeline: Vec<String>,
}

type Markers = BTreeMap<String, Marker>;

fn entities(rows: Vec<db::notifications::Marker>) -> Markers {
    let entity = |row: db::notifications::Marker| {
        let marker = Marker {
            last_read_id: row.last_read_id,
            version: i64::from(row.version),
            updated_at: At(row.updated_at),
        };
        (row.timeline, marker)
    };
    rows.into_iter().map(entity).collect()
}

async fn markers(
    member: Member<scope::ReadStatuses>,
    form: Params<Timelines>,
    ctx: Ctx,
) -> Result<Json<Markers>> {
    let timelines = form.into_inner().timeline;
    ctx.read(move |conn| {
        let mut all = entities(db::notifications::markers(conn, member.id, &timelines)?);
        // Clients look into what they asked for without asking whether it is there.
        for timeline in timelines.into_iter().filter(|t| MARKED.contains(&t.as_str())) {
            all.entry(timeline).or_insert_with(|| Marker {
                last_read_id: "0".into(),
                version: 0,
                updated_at: At(member.actor.created_at),
            });
        }
        Ok(Json(all))
    })
    .await
}

/// How far was read, by timeline.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct NewMarkers {
    home: Option<NewMarker>,
    notifications: Option<NewMarker>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct NewMarker {
    last_read_id: Option<String>,
}

async fn set_markers(
    member: Member<scope::WriteStatuses>,
    form: Params<NewMarkers>,
    ctx: Ctx,
) -> Result<Json<Markers>> {
    let NewMarkers { home, notifications } = form.into_inner();
    let moved: Vec<(&str, String)> = MARKED
        .into_iter()
        .zip([home, notifications])
        .filter_map(|(timeline, said)| Some((timeline, said?.last_read_id?)))
        .filter(|(_, id)| id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    ctx.write(move |tx| {
        let now = tx.now();
        for (timeline, id) in &moved {
            db::notifications::set_marker(tx, member.id, timeline, id, now)?;
        }
        let timelines: Vec<String> =
            moved.into_iter().map(|(timeline, _)| timeline.to_owned()).collect();
        Ok(Json(entities(db::notifications::markers(tx, member.id, &timelines)?)))
    })
    .await
}
