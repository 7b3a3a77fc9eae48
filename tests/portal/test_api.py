import httpx
import pytest

from muse_portal.main import Service


@pytest.mark.asyncio
async def test_the_front_page_leads_to_every_api_page():
    app = Service({"catalog": "/catalog", "scheduler": "/scheduler"}).app
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert 'href="/catalog/docs"' in page.text
    assert 'href="/scheduler/openapi.json"' in page.text
