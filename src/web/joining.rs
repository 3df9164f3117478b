//! Becoming a member of the node: sign-up, and the first visit that makes an operator.
use actix_web::{HttpResponse, web};

use super::{
    auth, named,
    posted::Posted,
    reader::{Reader, TITLE},
    refusal,
    views::{
        Form, Page,
        pages::{MessagePage, SetupPage, SignUp as Mode, SignUpPage},
    },
};
use crate::{
    config::SignUp,
    db::settings,
    domain::{
        actors, follows,
        members::{self, Applicant},
        sessions,
    },
    error::{Error, Result},
    keys::{self, KeyPair},
    text,
};

/// Longest name of a node.
const TITLE_CHARS: usize = 60;

/// What brought a visitor to the form.
#[derive(serde::Deserialize)]
pub struct Arrival {
    #[serde(default)]
    invite: String,
    #[serde(default)]
    group: String,
}

/// The form to join, or why there is none.
///
/// # Errors
/// `Internal` only.
pub async fn sign_up_form(reader: Reader, arrival: web::Query<Arrival>) -> Result<HttpResponse> {
    if reader.me.is_some() {
        return Ok(reader.go("/"));
    }
    let Arrival { invite, group } = arrival.into_inner();
    sign_up_page(&reader, Form::default().with("invite", invite).with("group", group), false)
}

fn sign_up_page(reader: &Reader, form: Form, again: bool) -> Result<HttpResponse> {
    let page = SignUpPage {
        page: Page { unlisted: false, ..reader.form_page("Join") },
        mode: mode(reader.app.config().sign_up),
        username_hint: name_hint(reader.app.domain()),
        rules: Vec::new(),
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// How one joins, for a page.
pub fn mode(sign_up: SignUp) -> Mode {
    match sign_up {
        SignUp::Open => Mode::Open,
        SignUp::Approval => Mode::Approval,
        SignUp::Invite => Mode::Invite,
        SignUp::Closed => Mode::Closed,
    }
}

fn name_hint(domain: &str) -> String {
    format!("Your address will be @name@{domain}. 3 to 20 letters a to z, digits and underscores.")
}

/// What is wrong with name, address and password, each beside its field.
fn checked(posted: &Posted) -> Result<Form> {
    let mut form = posted.form();
    let password = posted.value("password");
    for (field, wrong) in [
        ("username", refusal::of(actors::check_name(posted.value("username")))?),
        ("email", refusal::of(members::check_email(posted.value("email")))?),
        ("password", refusal::of(members::check_password(password))?),
    ] {
        if !wrong.is_empty() {
            form.wrong(field, wrong);
        }
    }
    Ok(form)
}

/// Somebody who wants an account, with the slow part done: hash and keys.
async fn applicant(posted: &Posted) -> Result<(Applicant, KeyPair)> {
    let password = posted.value("password").to_owned();
    let made = web::block(move || -> Result<_> {
        Ok((keys::hash_password(&password)?, KeyPair::generate()?))
    });
    let (password_hash, keys) = made.await.map_err(Error::internal)??;
    let applicant = Applicant {
        name: posted.trimmed("username").to_owned(),
        email: posted.trimmed("email").to_owned(),
        password_hash,
        reason: posted.trimmed("reason").to_owned(),
        invite: Some(posted.trimmed("invite").to_owned()).filter(|code| !code.is_empty()),
        ..Applicant::default()
    };
    Ok((applicant, keys))
}

/// The refusal beside the field it is about.
fn blame(form: &mut Form, why: String) {
    let about = |word: &str| why.to_lowercase().contains(word);
    let field = match () {
        () if about("e-mail") => "email",
        () if about("invite") => "invite",
        () if about("name") => "username",
        () if about("sentence") => "reason",
        () => "",
    };
    form.wrong(field, why);
}

/// Makes the account; who may act at once is signed in, and in the group they came for.
///
/// # Errors
/// `Internal` only; everything else is said on the form.
pub async fn sign_up(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let mut form = checked(&posted)?;
    if !form.is_fine() {
        return sign_up_page(reader, form, true);
    }
    let (applicant, keys) = applicant(&posted).await?;
    let (agent, group) = (reader.agent().to_owned(), posted.trimmed("group").to_owned());
    let domain = reader.app.domain().to_owned();
    let made = reader
        .app
        .write(move |tx| {
            let actor = members::sign_up(tx, applicant, keys)?;
            let member = members::get(tx, actor.id)?;
            if !member.may_act() {
                return Ok(Err(member));
            }
            let mut path = "/".to_owned();
            if let Ok(group) = named::find(tx, &group, &domain)
                && group.is_group()
            {
                follows::follow(tx, actor.id, &group, follows::Options::default())?;
                path = super::show::actor_path(&group);
            }
            Ok(Ok((sessions::begin(tx, actor.id, &agent)?, path)))
        })
        .await;
    match made {
        Ok(Ok((cookie, path))) => Ok(auth::opened(reader, cookie, &path)),
        Ok(Err(member)) if member.confirmed_at.is_none() => auth::to_confirm(reader, &member.email),
        Ok(Err(_)) => waiting(reader),
        Err(error) => {
            blame(&mut form, refusal::sentence(error)?);
            sign_up_page(reader, form, true)
        }
    }
}

fn waiting(reader: &Reader) -> Result<HttpResponse> {
    reader.html(&MessagePage {
        page: reader.form_page("Thank you"),
        heading: "Your request is on its way".into(),
        lines: vec![
            "Someone who runs this server will read it. That is a person, so it can take a day or two.".into(),
            "Sign in with the name and password you chose to see how it stands. Once they have let you in, you are in.".into(),
        ],
        link: "/".into(),
        link_words: "Look around until then".into(),
    })
}

/// The token of a first-visit link.
#[derive(serde::Deserialize)]
pub struct FirstVisit {
    #[serde(default)]
    token: String,
}

/// The first visit: who runs this node?
///
/// # Errors
/// `Forbidden` when the link was used, or is too old.
pub async fn set_up_form(reader: Reader, visit: web::Query<FirstVisit>) -> Result<HttpResponse> {
    let token = visit.into_inner().token;
    let kept = token.clone();
    reader.app.write(move |tx| members::check_first_visit(tx, &kept)).await?;
    let form = Form::default().with("title", reader.node());
    set_up_page(&reader, token, form, false)
}

fn set_up_page(reader: &Reader, token: String, form: Form, again: bool) -> Result<HttpResponse> {
    let page = SetupPage {
        page: reader.form_page("First visit"),
        token,
        username_hint: name_hint(reader.app.domain()),
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// The visitor becomes the operator and is signed in.
///
/// # Errors
/// `Forbidden` when the link was used, or is too old.
pub async fn set_up(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let token = posted.value("token").to_owned();
    let mut form = checked(&posted)?;
    let title = text::clean_line(posted.value("title"), TITLE_CHARS);
    if title.is_empty() {
        form.wrong("title", "Give this place a name. You can change it later.");
    }
    let kept = token.clone();
    reader.app.write(move |tx| members::check_first_visit(tx, &kept)).await?;
    if !form.is_fine() {
        return set_up_page(reader, token, form, true);
    }
    let (applicant, keys) = applicant(&posted).await?;
    let (agent, kept) = (reader.agent().to_owned(), token.clone());
    let made = reader
        .app
        .write(move |tx| {
            let actor = members::set_up(tx, &kept, applicant, keys)?;
            settings::set(tx, TITLE, &title)?;
            sessions::begin(tx, actor.id, &agent)
        })
        .await;
    match made {
        Ok(cookie) => Ok(auth::opened(reader, cookie, "/")),
        Err(error) => {
            blame(&mut form, refusal::sentence(error)?);
            set_up_page(reader, token, form, true)
        }
    }
}
