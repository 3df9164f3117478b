//! What happened to a member's account: theirs to look through.
use crate::{
    db::{self, account_news::AccountNews},
    domain::Tx,
    error::Result,
    types::ActorId,
};

/// Longest detail, in characters.
const MAX_DETAIL: usize = 200;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody signed in, with a browser.
    SignedIn,
    /// An app was let in.
    AppLetIn,
    /// The password was changed.
    PasswordChanged,
    /// The e-mail address was changed.
    AddressChanged,
    /// Two-factor was switched on.
    SecondStepOn,
    /// Two-factor was switched off.
    SecondStepOff,
    /// A recovery code was used up.
    RecoveryCodeUsed,
    /// New recovery codes were made.
    RecoveryCodesMade,
}

impl What {
    /// All of them.
    const ALL: [Self; 8] = [
        Self::SignedIn,
        Self::AppLetIn,
        Self::PasswordChanged,
        Self::AddressChanged,
        Self::SecondStepOn,
        Self::SecondStepOff,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesMade,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::AppLetIn => "app_let_in",
            Self::PasswordChanged => "password_changed",
            Self::AddressChanged => "address_changed",
            Self::SecondStepOn => "second_step_on",
            Self::SecondStepOff => "second_step_off",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesMade => "recovery_codes_made",
        }
    }

    /// What a stored word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }
}

/// Writes something down for its member; `detail` is the browser's word for itself, an app's name, or
/// empty.
///
/// # Errors
/// `Internal` from the database.
pub fn note(tx: &mut Tx, id: ActorId, what: What, detail: &str) -> Result<()> {
    let news = AccountNews {
        id: tx.new_id(),
        actor_id: id,
        what: what.as_str().to_owned(),
        detail: detail.chars().take(MAX_DETAIL).collect(),
        created_at: tx.now(),
    };
    db::account_news::insert(tx, &news)?;
    Ok(())
}
