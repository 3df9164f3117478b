//! Files on disk, each under a name nobody can guess.
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// The folder `media` in the data folder.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store in a node's data folder; made when the first file comes.
    pub fn new(data_dir: &Path) -> Self {
        Self { root: data_dir.join("media") }
    }

    /// Keeps `bytes` and says where: `ab/cd/<random>.ext`. Once this returns they survive a crash.
    ///
    /// # Errors
    /// `Internal` when the disk fails.
    pub fn put(&self, bytes: &[u8], extension: &str) -> Result<String> {
        let name = hex::encode(rand::random::<[u8; 16]>());
        let (first, second) = (name.get(..2).unwrap_or("00"), name.get(2..4).unwrap_or("00"));
        let folder = self.root.join(first).join(second);
        let failed = |e: io::Error| Error::internal(format_args!("keeping a file: {e}"));
        fs::create_dir_all(&folder).map_err(failed)?;
        let draft = folder.join(format!(".{name}.part"));
        let written = write(&draft, bytes)
            .and_then(|()| fs::rename(&draft, folder.join(format!("{name}.{extension}"))))
            .and_then(|()| File::open(&folder)?.sync_all());
        if let Err(error) = written {
            let _ = fs::remove_file(&draft); // the first error is the one that matters
            return Err(failed(error));
        }
        Ok(format!("{first}/{second}/{name}.{extension}"))
    }

    /// The bytes kept at `path`.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, or `path` is none of ours.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        fs::read(self.locate(path)?).map_err(|e| absent_or_internal(path, &e))
    }

    /// Forgets the file at `path`; fine when it is gone already.
    ///
    /// # Errors
    /// `NotFound` when `path` is none of ours, `Internal` when the disk fails.
    pub fn delete(&self, path: &str) -> Result<()> {
        match fs::remove_file(self.locate(path)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::internal(format_args!("deleting {path}: {error}")))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Where the file of a path lies on disk.
    ///
    /// # Errors
    /// `NotFound` for anything but a path that [`Store::put`] could have returned.
    pub fn locate(&self, path: &str) -> Result<PathBuf> {
        if is_ours(path) { Ok(self.root.join(path)) } else { Err(Error::NotFound) }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn absent_or_internal(path: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::NotFound,
        _ => Error::internal(format_args!("reading {path}: {error}")),
    }
}

/// `ab/cd/<32 hex digits>.<extension>` and nothing else, so that no path leads out of the folder.
fn is_ours(path: &str) -> bool {
    let is_hex = |text: &str, len: usize| {
        text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let mut pieces = path.split('/');
    let (Some(first), Some(second), Some(file), None) =
        (pieces.next(), pieces.next(), pieces.next(), pieces.next())
    else {
        return false;
    };
    let Some((name, extension)) = file.split_once('.') else { return false };
    is_hex(first, 2)
        && is_hex(second, 2)
        && is_hex(name, 32)
        && name.starts_with(&format!("{first}{second}"))
        && (2..=4).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_read_and_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        let path = store.put(b"leaf", "png").unwrap();
        assert_eq!(store.read(&path).unwrap(), b"leaf");
        assert_eq!(path.len(), 42, "{path}");
        store.delete(&path).unwrap();
        store.delete(&path).unwrap();
        assert!(matches!(store.read(&path), Err(Error::NotFound)));
    }

    #[test]
    fn nothing_half_written_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        let path = store.locate(&store.put(b"leaf", "png").unwrap()).unwrap();
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let store = Store::new(Path::new("/data"));
        let name = "ab".repeat(16);
        assert!(store.locate(&format!("ab/ab/{name}.png")).is_ok());
        for path in [
            "../etc/passwd",
            "ab/cd/../../x.png",
            "/ab/cd/x.png",
            "ab/cd/x.png",
            "ab\\cd\\x.png",
            "",
            &format!("ab/ab/.{name}.part"),
            &format!("ab/ab/{name}.png/x"),
            &format!("ab/cd/{name}.png"),
            &format!("ab/ab/{name}.p/g"),
        ] {
            assert!(matches!(store.locate(path), Err(Error::NotFound)), "{path}");
        }
    }
}
