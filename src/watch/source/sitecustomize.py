# Written by `epollscope watch` for the time of one run. Before each call that epollscope shows, it writes where in the
# source that is to fd -1: the kernel refuses it, and epollscope, which holds the process there, reads it.
import os
import sys


def _epollscope():
    here = os.path.dirname(os.path.abspath(__file__))
    library = os.path.dirname(os.__file__) + os.sep
    names = frozenset(
        "epoll register modify unregister poll close accept _accept recv recv_into recvfrom recvfrom_into recvmsg send "
        "sendall sendto sendmsg sendfile splice read readv write writev connect connect_ex listen bind shutdown "
        "setblocking settimeout dup dup2 socketpair pipe pipe2 eventfd".split()
    )
    write = os.write

    def mark(frame, name):
        user = frame
        while user is not None and user.f_code.co_filename.startswith((library, "<frozen")):
            # What a module of the library does when it is imported is not the doing of who imports it.
            if user.f_code.co_filename.startswith("<frozen importlib"):
                return
            user = user.f_back
        library_only = "" if user else "~"
        user = user or frame
        path = user.f_code.co_filename
        # A program that is given with -c has no file.
        where = "%s%s:%d" % (library_only, path if path.startswith("<") else os.path.abspath(path), user.f_lineno)
        try:
            write(-1, ("\x1eepollscope %s %s" % (where, name)).encode("utf-8", "replace"))
        except OSError:
            pass

    def hello():
        try:
            write(-1, b"\x1eepollscope ~ hook")
        except OSError:
            pass

    hello()
    if hasattr(sys, "monitoring"):
        monitoring = sys.monitoring
        tool = next((n for n in (4, 3, 5) if monitoring.get_tool(n) is None), None)
        if tool is not None:

            def called(code, offset, function, first):
                name = getattr(function, "__name__", "")
                if name not in names:
                    return monitoring.DISABLE
                mark(sys._getframe(1), name)

            monitoring.use_tool_id(tool, "epollscope")
            monitoring.register_callback(tool, monitoring.events.CALL, called)
            monitoring.set_events(tool, monitoring.events.CALL)
    else:
        import threading

        def profile(frame, event, function):
            if event == "c_call" and function.__name__ in names:
                mark(frame, function.__name__)

        threading.setprofile(profile)
        sys.setprofile(profile)

    # The next one of this name is the user's own.
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    for path in sys.path:
        own = os.path.join(path, "sitecustomize.py")
        if os.path.isfile(own):
            with open(own, "rb") as file:
                exec(compile(file.read(), own, "exec"), {"__name__": "sitecustomize", "__file__": own})
            break


_epollscope()
