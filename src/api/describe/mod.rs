//! The API as a document, made of the very types that serve it.
//!
//! Chapters register their routes with an [`Api`]. It serves them, or it describes them: what a handler
//! takes ([`Takes`]) and what it answers ([`Answers`]) is read off its type, so the document cannot say
//! anything else than the code does. A handler that takes or answers something without a description
//! does not compile.
mod answers;
mod document;
mod operation;
mod schemas;
mod served;
mod takes;
#[cfg(test)]
mod tests;

use actix_web::{FromRequest, Handler, Responder, http::Method, web};

pub(crate) use answers::{Accepted, Answers, Canonical, Empty, Events, Nothing, Processed};
pub(crate) use operation::Draft;
pub(super) use served::{ErrorShape, routes};
pub(crate) use takes::Takes;

use document::Document;

/// Where chapters register their routes.
pub(crate) struct Api<'a> {
    to: To<'a>,
    chapter: &'static str,
}

enum To<'a> {
    Serve(&'a mut web::ServiceConfig),
    Describe(&'a mut Document),
}

/// What a chapter does.
type Routes = fn(&mut Api<'_>);

impl<'a> Api<'a> {
    /// Serves what is registered.
    pub fn serving(config: &'a mut web::ServiceConfig) -> Self {
        Self { to: To::Serve(config), chapter: "" }
    }

    fn describing(document: &'a mut Document) -> Self {
        Self { to: To::Describe(document), chapter: "" }
    }

    /// The routes of one chapter, and in a few words what it is about.
    pub fn chapter(
        &mut self,
        name: &'static str,
        about: &'static str,
        routes: Routes,
    ) -> &mut Self {
        if let To::Describe(document) = &mut self.to {
            document.chapter(name, about);
        }
        self.chapter = name;
        self.part(routes)
    }

    /// More routes of the same chapter.
    pub fn part(&mut self, routes: Routes) -> &mut Self {
        routes(self);
        self
    }

    /// Routes that are no part of the API.
    pub fn beside(&mut self, routes: fn(&mut web::ServiceConfig)) -> &mut Self {
        if let To::Serve(config) = &mut self.to {
            config.configure(routes);
        }
        self
    }

    /// `GET path`, what it is for in a few words.
    pub fn get<F, Args>(&mut self, path: &str, handler: F, summary: &'static str) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::GET, path, handler, summary)
    }

    /// `POST path`.
    pub fn post<F, Args>(&mut self, path: &str, handler: F, summary: &'static str) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::POST, path, handler, summary)
    }

    /// `PUT path`.
    pub fn put<F, Args>(&mut self, path: &str, handler: F, summary: &'static str) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::PUT, path, handler, summary)
    }

    /// `PATCH path`.
    pub fn patch<F, Args>(&mut self, path: &str, handler: F, summary: &'static str) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::PATCH, path, handler, summary)
    }

    /// `DELETE path`.
    pub fn delete<F, Args>(&mut self, path: &str, handler: F, summary: &'static str) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::DELETE, path, handler, summary)
    }

    /// The files that may come with the last route's form; those with `!` must.
    pub fn files(&mut self, names: &[&'static str]) -> &mut Self {
        if let To::Describe(document) = &mut self.to {
            document.files(names);
        }
        self
    }

    /// With what else the last route may refuse.
    pub fn may_refuse(&mut self, statuses: &'static [u16]) -> &mut Self {
        if let To::Describe(document) = &mut self.to {
            document.may_refuse(statuses);
        }
        self
    }

    fn add<F, Args>(
        &mut self,
        method: Method,
        path: &str,
        handler: F,
        summary: &'static str,
    ) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Answers + 'static,
    {
        match &mut self.to {
            To::Serve(config) => {
                config.route(path, web::method(method).to(handler));
            }
            To::Describe(document) => {
                let name = std::any::type_name::<F>();
                let mut draft = document.draft(self.chapter, method, path, name, summary);
                Args::take(&mut draft);
                F::Output::answer(&mut draft);
                let operation = draft.done();
                document.add(operation);
            }
        }
        self
    }
}
