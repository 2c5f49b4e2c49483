"""A right echo server on asyncio. Its level-triggered epoll is that of the library, which accepts again a second after
EMFILE."""

import asyncio
import os


async def echo(reader, writer):
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve():
    server = await asyncio.start_server(echo, "127.0.0.1", int(os.environ["PORT"]), backlog=512)
    async with server:
        await server.serve_forever()


asyncio.run(serve())
