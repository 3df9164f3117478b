//! Posts that go out later: <https://docs.joinmastodon.org/methods/scheduled_statuses/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty},
    entities::{At, Id, ScheduledParams, ScheduledPoll, ScheduledStatus, View},
    page::{Edges, Listing, Paged},
    params::Params,
};
use crate::{
    db::{self, Conn, scheduled::Scheduled},
    domain::{posts::Draft, quotes::Quoters, scheduled},
    error::{Error, Result},
    types::{ScheduledId, Time, Visibility},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/scheduled_statuses", all, "Your posts that go out later")
        .get("/api/v1/scheduled_statuses/{id}", one, "One of them")
        .put("/api/v1/scheduled_statuses/{id}", put_off, "Changes when a post goes out")
        .delete(
            "/api/v1/scheduled_statuses/{id}",
            cancel,
            "Cancels a post that was to go out later",
        );
}

/// When a post is to go out; none where that is as good as now.
pub(super) fn due_at(said: Option<&str>, now: Time) -> Result<Option<Time>> {
    let Some(text) = said.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    // Clients of some languages send no zone, or only a date: that is UTC.
    let guesses = [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")];
    let time = guesses.iter().find_map(|guess| Time::parse(guess)).ok_or_else(|| {
        Error::invalid("Validation failed: Scheduled at is not a date and time (ISO 8601)")
    })?;
    Ok(Some(time).filter(|time| *time > now))
}

impl View {
    /// The entity of a planned post.
    pub(super) fn scheduled(&self, conn: &mut Conn, row: &Scheduled) -> Result<ScheduledStatus> {
        let draft = scheduled::draft_of(row)?;
        let member = db::members::by_id(conn, row.actor_id)?;
        let media = db::media::of_owner(conn, row.actor_id, &draft.media)?;
        Ok(ScheduledStatus {
            id: Id::from(row.id),
            scheduled_at: At(row.due_at),
            params: params(&draft, member.map(|member| member.default_visibility)),
            media_attachments: media.iter().map(|media| self.media(media)).collect(),
            problem: row.problem.clone(),
        })
    }
}

/// What was asked for, in the API's words; `usual` is who sees what its author writes.
fn params(draft: &Draft, usual: Option<Visibility>) -> ScheduledParams {
    let ids: Vec<Id> = draft.media.iter().map(|id| Id::from(*id)).collect();
    ScheduledParams {
        text: draft.source.clone(),
        poll: draft.poll.as_ref().map(|poll| ScheduledPoll {
            options: poll.options.clone(),
            expires_in: poll.expires_in_secs,
            multiple: poll.multiple,
            hide_totals: poll.hide_totals,
        }),
        media_ids: if ids.is_empty() { None } else { Some(ids) },
        sensitive: draft.sensitive,
        spoiler_text: draft.spoiler_text.clone(),
        visibility: draft.visibility.or(usual).unwrap_or(Visibility::Public).as_str(),
        language: draft.language.clone(),
        in_reply_to_id: draft.in_reply_to.map(|id| id.0),
        quoted_status_id: draft.quotes.map(Id::from),
        quote_approval_policy: match draft.quoters {
            Quoters::Everyone => "public",
            Quoters::Followers => "followers",
            Quoters::Nobody => "nobody",
        },
        application_id: draft.app.map_or(0, |app| app.0),
        scheduled_at: None,
        idempotency: draft.idempotency_key.clone(),
        with_rate_limit: false,
    }
}

async fn all(
    member: Member<scope::ReadStatuses>,
    listing: Listing,
) -> Result<Paged<Vec<ScheduledStatus>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = db::scheduled::list(conn, member.id, &page.rows(20, 40))?;
            let edges = Edges::of(rows.iter().map(|row| row.id.0));
            let all: Result<Vec<_>> = rows.iter().map(|row| view.scheduled(conn, row)).collect();
            Ok((edges, all?))
        })
        .await
}

async fn one(
    member: Member<scope::ReadStatuses>,
    id: PathId<ScheduledId>,
    ctx: Ctx,
) -> Result<Json<ScheduledStatus>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let row = scheduled::get(conn, member.id, id.0)?;
        Ok(Json(view.scheduled(conn, &row)?))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Later {
    scheduled_at: Option<String>,
}

async fn put_off(
    member: Member<scope::WriteStatuses>,
    id: PathId<ScheduledId>,
    form: Params<Later>,
    ctx: Ctx,
) -> Result<Json<ScheduledStatus>> {
    let (view, said) = (member.view(&ctx), form.into_inner().scheduled_at);
    let due = due_at(said.as_deref(), Time(0))?;
    ctx.write(move |tx| {
        let row = match due {
            Some(due) => scheduled::put_off(tx, member.id, id.0, due)?,
            None => scheduled::get(tx, member.id, id.0)?,
        };
        Ok(Json(view.scheduled(tx, &row)?))
    })
    .await
}

async fn cancel(
    member: Member<scope::WriteStatuses>,
    id: PathId<ScheduledId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        scheduled::cancel(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_clients_write_it() {
        let of = |text| due_at(Some(text), Time(0)).map(|at| at.map(Time::rfc3339));
        let noon = Some("2031-05-01T12:00:00.000Z".to_owned());
        assert_eq!(of("2031-05-01T12:00:00Z").unwrap(), noon);
        assert_eq!(of("2031-05-01T14:00:00.000+02:00").unwrap(), noon);
        assert_eq!(of("2031-05-01T12:00:00").unwrap(), noon);
        assert_eq!(of("2031-05-01").unwrap().unwrap(), "2031-05-01T00:00:00.000Z");
        assert_eq!(of(" ").unwrap(), None);
        assert!(of("tomorrow").is_err());
        assert_eq!(due_at(Some("2001-01-01T00:00:00Z"), Time::now()).unwrap(), None);
    }
}
