//! Making an account from an app: <https://docs.joinmastodon.org/methods/accounts/#create>
use std::collections::BTreeMap;

use actix_web::{Either, HttpRequest, HttpResponse, Responder, body::BoxBody, web::Json};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    access::{Caller, Ctx},
    describe::{Answers, Api, Draft},
    entities::Token,
    oauth,
    params::Params,
};
use crate::{
    config::SignUp,
    db::{self, Conn},
    domain::{
        self,
        actors::check_name,
        members::{self, Applicant},
    },
    error::{Error, Result},
    keys::{self, KeyPair},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/accounts", sign_up, "Makes an account").may_refuse(&[409]);
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
struct Form {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    agreement: bool,
    #[serde(default)]
    locale: String,
    #[serde(default)]
    reason: String,
    invite_code: Option<String>,
}

/// What is wrong with each field: a word for programs and a sentence for people.
type Faults = BTreeMap<&'static str, (&'static str, String)>;

impl Form {
    fn faults(&self, conn: &mut Conn, sign_up: SignUp) -> Result<Faults> {
        let mut faults = Faults::new();
        let said = |checked: Result<()>| checked.err().map(|error| error.to_string());
        if self.username.trim().is_empty() {
            faults.insert("username", ("ERR_BLANK", "can't be blank".into()));
        } else if let Err(error) = check_name(&self.username) {
            faults.insert("username", ("ERR_INVALID", error.to_string()));
        } else if db::actors::local_by_name(conn, &self.username.trim().to_lowercase())?.is_some() {
            faults.insert("username", ("ERR_TAKEN", "has already been taken".into()));
        }
        match members::check_email(&self.email) {
            _ if self.email.trim().is_empty() => {
                faults.insert("email", ("ERR_BLANK", "can't be blank".into()));
            }
            Err(error) => {
                faults.insert("email", ("ERR_INVALID", error.to_string()));
            }
            Ok(key) if db::members::email_taken(conn, &key)? => {
                faults.insert("email", ("ERR_TAKEN", "has already been taken".into()));
            }
            Ok(_) => {}
        }
        if self.password.is_empty() {
            faults.insert("password", ("ERR_BLANK", "can't be blank".into()));
        } else if let Some(why) = said(members::check_password(&self.password)) {
            faults.insert("password", ("ERR_TOO_SHORT", why));
        }
        if !self.agreement {
            faults.insert("agreement", ("ERR_ACCEPTED", "must be accepted".into()));
        }
        if sign_up == SignUp::Approval && self.reason.trim().is_empty() {
            faults.insert("reason", ("ERR_BLANK", "can't be blank".into()));
        }
        Ok(faults)
    }
}

/// Not done, and why, field by field.
struct Refused(HttpResponse);

impl Responder for Refused {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

impl Answers for Refused {
    fn answer(draft: &mut Draft<'_>) {
        draft.error(422, "What is wrong with each field is under `details`.");
    }
}

fn refusal(faults: &Faults) -> Refused {
    let words: Vec<String> =
        faults.iter().map(|(field, (_, why))| format!("{field} {why}")).collect();
    let details: BTreeMap<_, _> = faults
        .iter()
        .map(|(field, (error, why))| (field, json!([{ "error": error, "description": why }])))
        .collect();
    let error = format!("Validation failed: {}", words.join(", "));
    let answer = json!({ "error": error, "details": details });
    Refused(HttpResponse::UnprocessableEntity().json(answer))
}

async fn sign_up(
    caller: Caller,
    form: Params<Form>,
    ctx: Ctx,
) -> Result<Either<Json<Token>, Refused>> {
    caller.check("write:accounts")?;
    let (form, mode) = (form.into_inner(), ctx.config().sign_up);
    if matches!(mode, SignUp::Closed) {
        return Err(Error::forbidden("This node takes no new members at present"));
    }
    let asked = form.clone();
    let faults = ctx.read(move |conn| asked.faults(conn, mode)).await?;
    if !faults.is_empty() {
        return Ok(Either::Right(refusal(&faults)));
    }
    let password = form.password;
    // Both take long, so they happen before the change and off the async threads.
    let (password_hash, pair) = tokio::task::spawn_blocking(move || {
        Ok::<_, Error>((keys::hash_password(&password)?, KeyPair::generate()?))
    })
    .await??;
    let applicant = Applicant {
        name: form.username,
        email: form.email,
        password_hash,
        locale: form.locale,
        reason: form.reason,
        invite: form.invite_code,
        ..Applicant::default()
    };
    let token = caller.token;
    let issued = ctx
        .write(move |tx| {
            let actor = members::sign_up(tx, applicant, pair)?;
            domain::oauth::issue(tx, token.app_id, Some(actor.id), &token.scopes)
        })
        .await?;
    Ok(Either::Left(Json(oauth::entity(issued.0, &issued.1))))
}
