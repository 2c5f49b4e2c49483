//! Streams of any records, as the writer may get them.

use std::num::NonZeroU32;

use epollscope::record::{
    Accept, Addr, Annotation, Call, Chunk, CtlOp, Dir, Fairness, FatalCall, Faults, FcntlCmd, Fd, FdKind, Foreign,
    HalfClose, How, Interest, MaskHow, MsgFlags, Nanos, NewFd, OutOfFds, PairType, Policy, Read, Ready, Record, Ret,
    Seq, SigMask, Signal, SockOpt, Tid, Timeout, TimeoutNs, TimerFlags, Trigger, WaitMask, WriteInterest,
};
use proptest::prelude::*;

/// A stream as a tap makes it, in pieces of one call with its parts, and pieces that have lost something.
pub(crate) fn streams() -> impl Strategy<Value = Vec<Record>> {
    let piece = (calls(), 0..3_u64, any::<u32>(), 0..3_u64, 1..3_u32);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| {
        let (mut seq, mut t) = (0, 0);
        let mut records = Vec::new();
        for (calls, gap, dt, late, tid) in pieces {
            seq += gap;
            t += u64::from(dt);
            for call in calls {
                seq += 1;
                t += late;
                records.push(Record { seq: Seq(seq), t: Nanos(t), tid: Tid(tid), call });
            }
        }
        records
    })
}

pub(crate) fn calls() -> impl Strategy<Value = Vec<Call>> {
    let fd = || (-1..8).prop_map(Fd);
    let bytes = || prop::collection::vec(any::<u8>(), 0..60);
    let parts = |fd: Fd, dir, bytes: &[u8]| {
        bytes.chunks(Chunk::MAX).map(|part| Call::Data { fd, dir, chunk: Chunk::new(part) }).collect::<Vec<_>>()
    };
    let wait = (fd(), prop::collection::vec((fd(), ready()), 0..5), prop_oneof![4 => Just(0), 1 => 0..9_usize]);
    let wait = wait.prop_map(|(epfd, events, more)| {
        let ret = Ret::value(if more == 0 { events.len() } else { more });
        let events = events.into_iter().map(|(fd, ready)| Call::Event { epfd, fd, ready });
        std::iter::once(Call::EpollWait { epfd, ret }).chain(events).collect()
    });
    let recv = (fd(), any::<u32>(), any::<bool>(), bytes()).prop_map(move |(fd, len, oob, bytes)| {
        let flags = if oob { MsgFlags::OOB } else { MsgFlags::empty() };
        let mut calls = vec![Call::Recvfrom { fd, len, flags, ret: Ret::value(bytes.len()) }];
        calls.extend(parts(fd, Dir::In, &bytes));
        calls
    });
    let send = (fd(), any::<u32>(), any::<bool>(), ret(), bytes()).prop_map(move |(fd, len, oob, ret, bytes)| {
        let flags = if oob { MsgFlags::OOB } else { MsgFlags::empty() };
        let mut calls = vec![Call::Sendto { fd, len, flags, ret }];
        calls.extend(parts(fd, Dir::Out, &bytes));
        calls
    });
    prop_oneof![wait, recv, send, call().prop_map(|call| vec![call])]
}

/// Any one record, parts without their call among them.
pub(crate) fn call() -> impl Strategy<Value = Call> {
    let fd = || prop_oneof![(-1..8).prop_map(Fd), any::<i32>().prop_map(Fd)];
    let chunk = prop::collection::vec(any::<u8>(), 0..=Chunk::MAX).prop_map(|bytes| Chunk::new(&bytes));
    let op = prop::sample::select(vec![CtlOp::Add, CtlOp::Mod, CtlOp::Del, CtlOp::Unknown(7)]);
    let how = prop::sample::select(vec![How::Read, How::Write, How::Both]);
    let option = prop::sample::select(vec![
        SockOpt::ReuseAddr,
        SockOpt::Linger,
        SockOpt::SndBuf,
        SockOpt::RcvBuf,
        SockOpt::RcvLowat,
        SockOpt::NoDelay,
    ]);
    let dir = prop::sample::select(vec![Dir::In, Dir::Out]);
    let numbers = || (any::<u32>(), any::<u32>());
    prop_oneof![
        ret().prop_map(|ret| Call::EpollCreate1 { ret }),
        (fd(), op, fd(), interest(), ret()).prop_map(|(epfd, op, fd, interest, ret)| Call::EpollCtl {
            epfd,
            op,
            fd,
            interest,
            ret
        }),
        (fd(), any::<u32>(), any::<i32>().prop_map(Timeout))
            .prop_map(|(epfd, max_events, timeout)| Call::EpollWaitEnter { epfd, max_events, timeout }),
        (fd(), ret()).prop_map(|(epfd, ret)| Call::EpollWait { epfd, ret }),
        (fd(), ready(), any::<i32>().prop_map(Timeout), ret()).prop_map(|(fd, asked, timeout, ret)| Call::Ppoll {
            fd,
            asked,
            timeout,
            ready: asked,
            ret
        }),
        (any::<i32>(), ret()).prop_map(|(flags, ret)| Call::EpollCreate1With { flags, ret }),
        (fd(), any::<(u32, u32)>(), ret()).prop_map(|(fd, (first_ms, every_ms), ret)| Call::TimerfdSettimeAt {
            fd,
            flags: TimerFlags::ABSTIME,
            first_ms,
            every_ms,
            ret
        }),
        ret().prop_map(|ret| Call::RtSigprocmask { how: MaskHow::Block, signal: Signal::Alrm, ret }),
        (fd(), fd(), ready()).prop_map(|(epfd, fd, ready)| Call::Event { epfd, fd, ready }),
        ret().prop_map(|ret| Call::Socket { ret }),
        (fd(), option, any::<i32>(), ret()).prop_map(|(fd, option, value, ret)| Call::Setsockopt {
            fd,
            option,
            value,
            ret
        }),
        (fd(), addr(), ret()).prop_map(|(fd, addr, ret)| Call::Bind { fd, addr, ret }),
        (fd(), any::<i32>(), ret()).prop_map(|(fd, backlog, ret)| Call::Listen { fd, backlog, ret }),
        (fd(), addr(), ret()).prop_map(|(fd, addr, ret)| Call::Getsockname { fd, addr, ret }),
        (fd(), addr(), ret()).prop_map(|(fd, addr, ret)| Call::Connect { fd, addr, ret }),
        (fd(), addr(), ret()).prop_map(|(fd, peer, ret)| Call::Accept4 { fd, peer, ret }),
        (fd(), addr(), ret()).prop_map(|(fd, peer, ret)| Call::Accept { fd, peer, ret }),
        (fd(), any::<u32>(), ret()).prop_map(|(fd, len, ret)| Call::Sendto { fd, len, flags: MsgFlags::empty(), ret }),
        (fd(), dir, chunk).prop_map(|(fd, dir, chunk)| Call::Data { fd, dir, chunk }),
        (fd(), how, ret()).prop_map(|(fd, how, ret)| Call::Shutdown { fd, how, ret }),
        (fd(), ret()).prop_map(|(fd, ret)| Call::Dup { fd, ret }),
        made(),
        foreign().prop_map(Call::Foreign),
        (fd(), ret()).prop_map(|(fd, ret)| Call::Close { fd, ret }),
        (fd(), ret()).prop_map(|(first, ret)| Call::CloseRange { first: first.0.cast_unsigned(), ret }),
        (fd(), numbers(), ready()).prop_map(|(fd, (unread, unsent), ready)| Call::Sample { fd, unread, unsent, ready }),
        (fd(), numbers()).prop_map(|(fd, (pending, limit))| Call::Backlog { fd, pending, limit }),
        (fd(), any::<u32>()).prop_map(|(fd, count)| Call::Drops { fd, count }),
        (fd(), fd(), interest()).prop_map(|(epfd, fd, interest)| Call::Fdinfo { epfd, fd, interest }),
        (fd(), any::<bool>()).prop_map(|(epfd, ready)| Call::Poll { epfd, ready }),
        policy().prop_map(|policy| Call::Policy { policy }),
        (fd(), prop::collection::vec(any::<u8>(), 0..=Chunk::MAX))
            .prop_map(|(fd, name)| Call::Name { fd, name: Chunk::new(&name) }),
        any::<u64>().prop_map(|count| Call::Lost { count }),
        annotation().prop_map(Call::Annotation),
    ]
}

/// Calls of other programs.
fn foreign() -> impl Strategy<Value = Foreign> {
    let fd = || (-1..8).prop_map(Fd);
    let len = any::<u32>;
    prop_oneof![
        (fd(), len(), any::<i32>().prop_map(Timeout)).prop_map(|(epfd, max_events, timeout)| {
            Foreign::EpollPwaitEnter {
                epfd,
                max_events,
                timeout,
                sigmask: WaitMask::new((max_events > 1).then_some(SigMask::ALRM)),
            }
        }),
        (fd(), any::<u32>(), any::<Option<u64>>()).prop_map(|(epfd, max_events, ns)| Foreign::EpollPwait2Enter {
            epfd,
            max_events,
            timeout: Timeout(3),
            timeout_ns: TimeoutNs::new(ns),
            sigmask: WaitMask::new(None),
        }),
        (fd(), ret()).prop_map(|(epfd, ret)| Foreign::EpollPwait2 { epfd, ret }),
        (fd(), ret()).prop_map(|(epfd, ret)| Foreign::EpollPwait { epfd, ret }),
        (fd(), len(), ret()).prop_map(|(fd, len, ret)| Foreign::Readv { fd, len, ret }),
        (fd(), len(), ret()).prop_map(|(fd, len, ret)| Foreign::Writev { fd, len, ret }),
        (fd(), len(), len(), ret()).prop_map(|(fd, messages, bytes, ret)| Foreign::Recvmmsg {
            fd,
            messages,
            bytes,
            ret
        }),
        (fd(), fd(), len(), ret()).prop_map(|(from, to, len, ret)| Foreign::Splice { from, to, len, ret }),
        (fd(), any::<bool>(), ret()).prop_map(|(fd, on, ret)| Foreign::Fionbio { fd, on, ret }),
        (fd(), fd(), ret()).prop_map(|(fd, to, ret)| Foreign::Dup2 { fd, to, ret }),
        (any::<bool>(), ret()).prop_map(|(files, ret)| Foreign::Clone { files, ret }),
    ]
}

fn annotation() -> impl Strategy<Value = Annotation> {
    let fd = || any::<i32>().prop_map(Fd);
    let dir = prop::sample::select(vec![Dir::In, Dir::Out]);
    let fatal = prop::sample::select(vec![FatalCall::EpollCreate1, FatalCall::EpollCtl, FatalCall::EpollWait]);
    let wait = (any::<u32>(), fd(), any::<u32>(), any::<i32>());
    prop_oneof![
        policy().prop_map(|policy| Annotation::Follow { policy }),
        (fd(), any::<bool>()).prop_map(|(fd, on)| Annotation::Reading { fd, on }),
        (fd(), dir.clone(), any::<u32>()).prop_map(|(fd, dir, len)| Annotation::Inside { fd, dir, len }),
        (fd(), dir, any::<u32>()).prop_map(|(fd, dir, len)| Annotation::Hung { fd, dir, len }),
        wait.prop_map(|(server, epfd, max_events, timeout)| {
            Annotation::Rest { server: Tid(server), epfd, max_events, timeout: Timeout(timeout) }
        }),
        fd().prop_map(|fd| Annotation::FinAcked { fd }),
        Just(Annotation::Woken {}),
        Just(Annotation::Thread { name: Chunk::new(b"t\0") }),
        any::<u32>().prop_map(|fds| Annotation::Limit { fds }),
        Just(Annotation::Stop {}),
        (fatal, fd(), ret()).prop_map(|(call, fd, ret)| Annotation::Died { call, fd, ret }),
    ]
}

/// The calls on other fds than epoll objects and TCP sockets, and on processes.
pub(crate) fn made() -> impl Strategy<Value = Call> {
    let fd = || (0..i32::MAX).prop_map(Fd);
    let cmd = prop::sample::select(vec![FcntlCmd::SetFl, FcntlCmd::SetPipeSize]);
    let maker = prop::sample::select(vec![
        FdKind::Pipe2,
        FdKind::Socketpair(PairType::Stream),
        FdKind::Socketpair(PairType::Dgram),
        FdKind::Socketpair(PairType::Seqpacket),
        FdKind::Eventfd2,
        FdKind::TimerfdCreate,
        FdKind::Openat,
        FdKind::UdpSocket,
        FdKind::Signalfd4,
    ]);
    let made = prop_oneof![4 => Just(Ret::OK), 1 => (1..200_i32).prop_map(|errno| Ret::from_raw(-errno))];
    prop_oneof![
        (fd(), cmd, any::<i32>(), ret()).prop_map(|(fd, cmd, value, ret)| Call::Fcntl { fd, cmd, value, ret }),
        (any::<u32>(), ret()).prop_map(|(to, ret)| Call::Tgkill { to: Tid(to), signal: Signal::Usr2, ret }),
        (any::<u32>(), ret()).prop_map(|(pid, ret)| Call::Wait4 { pid: Tid(pid), ret }),
        ret().prop_map(|ret| Call::Fork { ret }),
        (fd(), any::<u32>(), ret()).prop_map(|(fd, len, ret)| Call::Read { fd, len, ret }),
        (fd(), any::<u32>(), ret()).prop_map(|(fd, len, ret)| Call::Write { fd, len, ret }),
        (fd(), any::<(u32, u32)>(), ret()).prop_map(|(fd, (first_ms, every_ms), ret)| Call::TimerfdSettime {
            fd,
            first_ms,
            every_ms,
            ret
        }),
        (maker, fd(), fd(), made).prop_map(|(kind, fd, other, ret)| {
            let made = |fd, there| if ret.ok().is_some() && there { fd } else { Fd(-1) };
            Call::NewFd(NewFd { kind, fd: made(fd, true), other: made(other, kind.makes_two()), ret })
        }),
    ]
}

pub(crate) fn ret() -> impl Strategy<Value = Ret> {
    prop_oneof![any::<i32>(), -200..200_i32].prop_map(Ret::from_raw)
}

pub(crate) fn interest() -> impl Strategy<Value = Interest> {
    any::<u32>().prop_map(Interest::from_bits_retain)
}

pub(crate) fn ready() -> impl Strategy<Value = Ready> {
    any::<u32>().prop_map(Ready::from_bits_retain)
}

pub(crate) fn addr() -> impl Strategy<Value = Addr> {
    let known = any::<(std::net::IpAddr, u16)>().prop_map(|pair| Addr::from(std::net::SocketAddr::from(pair)));
    prop_oneof![Just(Addr::NONE), known]
}

pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    let ends = (
        prop::sample::select(vec![OutOfFds::Mute, OutOfFds::BackOff, OutOfFds::Spare, OutOfFds::Spin]),
        prop::sample::select(vec![HalfClose::Answer, HalfClose::Close]),
    );
    let names = (
        prop::sample::select(vec![Trigger::Level, Trigger::Edge]),
        prop::sample::select(vec![Read::Once, Read::Drain, Read::DrainShort]),
        prop::sample::select(vec![Accept::Once, Accept::Drain]),
        prop::sample::select(vec![WriteInterest::OnDemand, WriteInterest::Always]),
        prop_oneof![
            Just(Fairness::Greedy),
            any::<u32>().prop_map(|n| Fairness::RoundRobin(NonZeroU32::MIN.saturating_add(n)))
        ],
    );
    let numbers =
        (any::<bool>(), 1..=Policy::MAX_READ_SIZE, 1..=Policy::MAX_EVENTS, any::<i32>(), 0..=Faults::TUTORIAL.bits());
    (names, numbers, ends).prop_map(|((trigger, read, accept, write, fairness), numbers, (out_of_fds, half_close))| {
        let (oneshot, read_size, max_events, timeout, faults) = numbers;
        let (timeout, faults) = (Timeout(timeout), Faults::from_bits_truncate(faults));
        Policy {
            trigger,
            oneshot,
            read,
            read_size,
            accept,
            write,
            fairness,
            max_events,
            timeout,
            out_of_fds,
            half_close,
            faults,
        }
    })
}
