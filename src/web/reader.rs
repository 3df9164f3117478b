//! Who reads a page, and the pages they get.
use std::{cell::OnceCell, future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use askama::Template;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{
    cookies::{self, Purpose},
    guard::FormsLeadTo,
    show::{self, Lens},
    views::{Flash, FlashKind, Me, NavLink, Page},
};
use crate::{
    app::App,
    config::SignUp,
    db::{
        self, Conn,
        actors::{self, Actor},
        members::{self, Member},
        page::Page as Range,
        sessions::Session,
        settings, timelines,
    },
    domain::sessions,
    error::{Error, Result},
    keys,
    types::{ClientAddress, Time},
};

/// The setting that holds the name its operator gave this node.
pub const TITLE: &str = "title";
/// How many groups the left column names.
const NAV_GROUPS: usize = 12;

/// A member with their browser's session.
#[derive(Clone)]
pub struct SignedIn {
    /// Who it is.
    pub actor: Actor,
    /// What only their node knows of them.
    pub member: Member,
    /// The session, as it is stored.
    pub session: Session,
    /// The session's cookie.
    pub cookie: String,
}

/// Whoever asks for a page.
pub struct Reader {
    /// The node.
    pub app: web::Data<App>,
    /// The member, if one is signed in.
    pub me: Option<SignedIn>,
    path: String,
    title: String,
    groups: Vec<NavLink>,
    guest: OnceCell<String>,
    new_guest: OnceCell<()>,
    flash: Option<Flash>,
    had_flash: bool,
    if_none_match: Option<String>,
    agent: String,
    address: ClientAddress,
    halfway: Option<String>,
    known: Option<String>,
}

/// What the database says about a reader.
struct Known {
    me: Option<SignedIn>,
    title: Option<String>,
    groups: Vec<NavLink>,
}

impl Reader {
    /// Reads the cookies and what they stand for.
    ///
    /// # Errors
    /// `Internal` when the database does not answer.
    pub async fn of(req: &HttpRequest) -> Result<Self> {
        let app = req
            .app_data::<web::Data<App>>()
            .cloned()
            .ok_or_else(|| Error::internal("the pages were set up without the node"))?;
        let origin = app.origin().clone();
        let session = cookies::value(req, Purpose::Session, &origin);
        let guest = cookies::value(req, Purpose::Guest, &origin);
        let now = app.now();
        let known = app.read(move |conn| known(conn, session, now)).await?;
        let header = |name: header::HeaderName| {
            req.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let mut reader = Self {
            me: known.me,
            path: req.path().to_owned(),
            title: known.title.unwrap_or_else(|| app.config().title.clone()),
            groups: known.groups,
            guest: guest.map_or_else(OnceCell::new, OnceCell::from),
            new_guest: OnceCell::new(),
            flash: None,
            had_flash: false,
            if_none_match: header(header::IF_NONE_MATCH),
            address: req.extensions().get().copied().unwrap_or(ClientAddress::NOBODY),
            halfway: cookies::value(req, Purpose::Halfway, &origin),
            known: cookies::value(req, Purpose::Known, &origin),
            agent: header(header::USER_AGENT).unwrap_or_default().chars().take(200).collect(),
            app,
        };
        if let Some(sealed) = cookies::value(req, Purpose::Flash, &origin) {
            reader.had_flash = true;
            reader.flash = reader.secret().and_then(|secret| cookies::open_flash(&sealed, secret));
        }
        reader.keep_session().await?;
        Ok(reader)
    }

    /// Now and then, notes that the session is in use.
    async fn keep_session(&self) -> Result<()> {
        let now = self.app.now();
        match &self.me {
            Some(me) if sessions::wants_touch(&me.session, now) => {
                let session = me.session.clone();
                self.app.write(move |tx| sessions::touch(tx, &session)).await
            }
            _ => Ok(()),
        }
    }

    /// The member.
    ///
    /// # Errors
    /// `Unauthorized` for a visitor; their page becomes the one to sign in.
    pub fn member(&self) -> Result<&SignedIn> {
        self.me.as_ref().ok_or(Error::Unauthorized)
    }

    /// The secret behind this reader's form tokens, if they have one.
    fn secret(&self) -> Option<&str> {
        match &self.me {
            Some(me) => Some(&me.session.csrf_secret),
            None => self.guest.get().map(String::as_str),
        }
    }

    /// The same; a visitor without one gets one with this answer.
    fn secret_or_new(&self) -> &str {
        if let Some(me) = &self.me {
            return &me.session.csrf_secret;
        }
        self.guest.get_or_init(|| {
            let _ = self.new_guest.set(()); // already set only if this ran before
            keys::new_token()
        })
    }

    /// The token for this reader's forms.
    pub fn csrf(&self) -> String {
        keys::mac(self.secret_or_new(), "form")
    }

    /// Whether `token` came from a form of this reader's.
    pub fn csrf_holds(&self, token: &str) -> bool {
        self.secret().is_some_and(|secret| keys::mac_ok(secret, "form", token))
    }

    /// What rows are shown by.
    pub fn lens(&self) -> Lens {
        Lens {
            domain: self.app.domain().to_owned(),
            origin: self.app.origin().clone(),
            now: self.app.now(),
            viewer: self.me.as_ref().map(|me| me.actor.id),
        }
    }

    /// The browser, by its own word.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// Where the request came from.
    pub fn address(&self) -> ClientAddress {
        self.address
    }

    /// The cookie of somebody who has yet to give a code.
    pub fn halfway(&self) -> Option<&str> {
        self.halfway.as_deref()
    }

    /// What says that a member signed in here before.
    pub fn known(&self) -> Option<&str> {
        self.known.as_deref()
    }

    /// The name of this node.
    pub fn node(&self) -> &str {
        &self.title
    }

    /// The frame of a page. A visitor's has no form token, so that it can be kept and shared.
    pub fn page(&self, title: &str) -> Page {
        let app = &self.app;
        Page {
            title: title.to_owned(),
            node: self.title.clone(),
            domain: app.domain().to_owned(),
            me: self.me.as_ref().map(|me| Me {
                name: me.actor.name.clone(),
                display: show::display_name(&me.actor),
                url: show::actor_path(&me.actor),
                avatar: show::avatar(&me.actor),
                operator: me.member.operator,
            }),
            csrf: if self.me.is_some() { self.csrf() } else { String::new() },
            flash: self.flash.clone(),
            groups: self.groups.clone(),
            joinable: app.config().sign_up != SignUp::Closed,
            path: self.path.clone(),
            ..Page::default()
        }
    }

    /// The frame of a page with a form that visitors use too.
    pub fn form_page(&self, title: &str) -> Page {
        Page { csrf: self.csrf(), unlisted: true, ..self.page(title) }
    }

    /// A page.
    ///
    /// # Errors
    /// `Internal` when the template fails.
    pub fn html(&self, template: &impl Template) -> Result<HttpResponse> {
        self.html_as(StatusCode::OK, template)
    }

    /// A page with the form that leads visitors to their own servers.
    ///
    /// # Errors
    /// `Internal` when the template fails.
    pub fn html_leading_out(&self, template: &impl Template) -> Result<HttpResponse> {
        let mut response = self.html(template)?;
        if self.me.is_none() {
            let sources = if self.app.config().development { "https: http:" } else { "https:" };
            response.extensions_mut().insert(FormsLeadTo(sources.to_owned()));
        }
        Ok(response)
    }

    /// A page with a form that needs another look.
    ///
    /// # Errors
    /// `Internal` when the template fails.
    pub fn html_again(&self, template: &impl Template) -> Result<HttpResponse> {
        self.html_as(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    /// A page with a status of its own.
    ///
    /// # Errors
    /// `Internal` when the template fails.
    pub fn html_as(&self, status: StatusCode, template: &impl Template) -> Result<HttpResponse> {
        let body = template.render().map_err(Error::internal)?;
        let mut response = HttpResponse::build(status);
        response.content_type("text/html; charset=utf-8");
        response.insert_header((header::VARY, "Cookie, Accept"));
        if self.had_flash {
            response.cookie(cookies::gone(Purpose::Flash, self.app.origin()));
        }
        self.set_guest(&mut response);
        let shared = self.me.is_none() && self.secret().is_none() && !self.had_flash;
        if !shared || status != StatusCode::OK {
            response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
            return Ok(response.body(body));
        }
        let hash = hex::encode(Sha256::digest(&body));
        let tag = format!("\"{}\"", hash.get(..24).unwrap_or_default());
        response.insert_header((header::CACHE_CONTROL, "public, max-age=0, must-revalidate"));
        response.insert_header((header::ETAG, tag.clone()));
        if self.if_none_match.as_ref().is_some_and(|known| known.contains(&tag)) {
            response.status(StatusCode::NOT_MODIFIED);
            return Ok(response.finish());
        }
        Ok(response.body(body))
    }

    fn set_guest(&self, response: &mut HttpResponseBuilder) {
        if let (Some(()), Some(secret)) = (self.new_guest.get(), self.guest.get()) {
            response.cookie(cookies::set(Purpose::Guest, self.app.origin(), secret.clone()));
        }
    }

    /// On to another page of this node; a notice that waits goes along.
    pub fn go(&self, path: &str) -> HttpResponse {
        self.going(path).finish()
    }

    /// The same, still open for cookies.
    pub fn going(&self, path: &str) -> HttpResponseBuilder {
        let mut response = HttpResponse::SeeOther();
        // Names elsewhere may have letters that a header may not.
        let path = utf8_percent_encode(path, CONTROLS).to_string();
        response.insert_header((header::LOCATION, path));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        self.set_guest(&mut response);
        response
    }

    /// On to another page, which says what happened.
    pub fn go_saying(&self, path: &str, kind: FlashKind, text: impl Into<String>) -> HttpResponse {
        let flash = Flash { kind, text: text.into() };
        let sealed = cookies::seal_flash(&flash, self.secret_or_new());
        let mut response = self.going(path);
        response.cookie(cookies::set(Purpose::Flash, self.app.origin(), sealed));
        response.finish()
    }

    /// To the front page without the session, which has been ended.
    pub fn signed_out(&self, words: &str) -> HttpResponse {
        let origin = self.app.origin();
        let guest = keys::new_token();
        let flash = Flash { kind: FlashKind::Done, text: words.to_owned() };
        let mut response = self.going("/");
        response.cookie(cookies::gone(Purpose::Session, origin));
        response.cookie(cookies::set(Purpose::Flash, origin, cookies::seal_flash(&flash, &guest)));
        response.cookie(cookies::set(Purpose::Guest, origin, guest));
        response.finish()
    }
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { Self::of(&req).await })
    }
}

fn known(conn: &mut Conn, cookie: Option<String>, now: Time) -> Result<Known> {
    let me = match cookie {
        Some(cookie) => signed_in(conn, cookie, now)?,
        None => None,
    };
    let groups = match &me {
        Some(me) => timelines::joined_groups(conn, me.actor.id)?,
        None => actors::local_groups(conn, &Range::newest(12))?,
    };
    let link =
        |group: &Actor| NavLink { name: show::display_name(group), url: show::actor_path(group) };
    Ok(Known {
        me,
        title: settings::get(conn, TITLE)?.filter(|title| !title.is_empty()),
        groups: groups.iter().take(NAV_GROUPS).map(link).collect(),
    })
}

fn signed_in(conn: &mut Conn, cookie: String, now: Time) -> Result<Option<SignedIn>> {
    let hash = keys::token_hash(&cookie);
    let Some(session) = db::sessions::by_hash(conn, &hash, now)? else { return Ok(None) };
    let Some(member) = members::by_id(conn, session.actor_id)? else { return Ok(None) };
    let actor = actors::by_id(conn, session.actor_id)?;
    Ok((member.may_act() && actor.is_active()).then_some(SignedIn {
        actor,
        member,
        session,
        cookie,
    }))
}
