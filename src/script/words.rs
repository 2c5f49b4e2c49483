//! What goes wrong, and what is measured, in both languages. What the C library says of an error is English, so that
//! Chinese has its name alone.

use super::language::NOISY;
use super::{Growth, Value};
use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::server::ServerError;
use crate::session::{ClientError, SessionError};
use crate::sys::{Errno, describe};

impl ClientError {
    /// Why a client could not do it.
    pub fn words(self, lang: Lang) -> String {
        match self {
            Self::Gone => lang.of(self.to_string(), "它的连接已关闭".to_owned()),
            Self::Ended => lang.of(self.to_string(), "这个客户端已关闭写方向".to_owned()),
            Self::Refused { call, errno } => lang.of(self.to_string(), format!("{call}：{errno:?}")),
        }
    }
}

impl SessionError {
    /// Why a session could not be opened, or did not come to rest.
    pub fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::Server(error), Lang::Zh) => death(error, lang),
            (Self::Own { errno }, Lang::Zh) => {
                format!("无法打开程序自身需要的 fd：{errno:?}；请关闭一些 fd，或用 `ulimit -n` 提高上限")
            }
            (Self::NotQuiet { within, state }, Lang::Zh) => {
                format!("{} s 后仍未静止；服务器的状态：{state:?}", within.as_secs())
            }
        }
    }
}

/// What killed the server.
pub fn death(error: &ServerError, lang: Lang) -> String {
    match (error, lang) {
        (_, Lang::En) => error.to_string(),
        (ServerError::Bind { addr, errno: Errno::EADDRINUSE }, Lang::Zh) => {
            let port = addr.port();
            format!(
                "无法在 {addr} 上监听：EADDRINUSE，那里已有程序在监听（`ss -ltnpT 'sport = :{port}'`）；请用 --listen 换一个端口"
            )
        }
        (ServerError::Bind { addr, errno }, Lang::Zh) => format!("无法在 {addr} 上监听：{errno:?}"),
        (ServerError::Call { call, fd, errno }, Lang::Zh) => format!("{call}（fd {fd}）失败：{errno:?}"),
        (ServerError::Start { errno }, Lang::Zh) => format!("无法启动服务器：{errno:?}"),
        (ServerError::Panicked, Lang::Zh) => "服务器线程异常终止；这是 epollscope 自身的问题，请报告给我们".to_owned(),
    }
}

/// What the system says of an error.
pub(super) fn refusal(errno: Errno, lang: Lang) -> String {
    lang.of(describe(errno), format!("{errno:?}"))
}

impl Value {
    /// As people read it. The names and masks of an event list are the script's and the kernel's in both languages.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Number(n) => grouped(*n),
            _ if lang == Lang::En => self.to_string(),
            Self::Events(events) if events.is_empty() => "无".to_owned(),
            Self::Result(0) => "成功".to_owned(),
            Self::AtLeast(n) => format!("至少 {n}"),
            Self::AtMost(n) => format!("至多 {n}"),
            Self::Unmeasured => "没有测到：没有执行过能说明它的调用".to_owned(),
            Self::Truth(yes) => if *yes { "是" } else { "否" }.to_owned(),
            Self::Server(state) => lang.pick(*state).to_owned(),
            Self::Growth(growth) => match growth {
                Growth::Flat => "几乎不变",
                Growth::Grows => "增长",
                Growth::Unclear => NOISY.1,
            }
            .to_owned(),
            Self::Events(_) | Self::Mask(_) | Self::Result(_) | Self::Text(_) => self.to_string(),
        }
    }
}
