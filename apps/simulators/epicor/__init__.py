"""A simulated Epicor Kinetic: several companies in memory, REST v2 over real HTTP, and the events that a site sends.

`Epicor` (epicor.py) is the whole instance, `Company` (company.py) the API that a program drives, `serve` (server.py)
puts it on a port, `EventSender` (sender.py) delivers its events. All of it belongs to one asyncio loop; nothing here is
thread-safe.
"""
