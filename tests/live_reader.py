"""A reader of the live network's page: what they press, enter and see."""

from browsing import settle, visit
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait


class Page:
    """The page in the browser, by what a reader presses and sees."""

    def __init__(self, browser, url):
        self.browser = browser
        self.url = url
        visit(browser, url)

    def part(self, name):
        return self.browser.find_element(By.CSS_SELECTOR, f'[data-live="{name}"]')

    def text(self, name):
        return self.part(name).get_property("textContent")

    def field(self, name):
        return self.browser.find_element(By.ID, f"live-{name}")

    def enter(self, name, value):
        field = self.field(name)
        if field.tag_name == "select":
            Select(field).select_by_value(value)
        else:
            self.browser.execute_script("arguments[0].value = ''", field)
            field.send_keys(value, Keys.TAB)
        settle(self.browser)

    def press(self, name):
        self.browser.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", self.part(name)
        )
        self.part(name).click()
        settle(self.browser)

    def unfold(self, name):
        """Open one of the folds that are closed at first."""
        self.browser.execute_script(f"document.querySelector('.live-{name}').open = true")
        settle(self.browser)

    def slide(self, name, place):
        """Move a slider as a pointer does."""
        self.browser.execute_script(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.part(name), place,
        )  # fmt: skip
        settle(self.browser)

    def type(self, *keys, into=None):
        """Press keys in an element, by default where the keyboard is."""
        (into or self.browser.switch_to.active_element).send_keys(*keys)
        settle(self.browser)

    def changes(self):
        return self.browser.execute_script("return liveShown.run().changes")

    def runs(self):
        """What the page says of the runs it shows, the present one first.

        Read at once, since the page makes the list anew whenever it draws.
        """
        script = "return [...arguments[0].children].map((item) => item.textContent)"
        return self.browser.execute_script(script, self.part("runs"))

    def settings(self):
        return self.browser.execute_script("return liveShown.settings()")

    def records(self):
        return self.browser.execute_script("const r = liveShown.run(); return r && r.records")

    def wait(self, condition, seconds=120):
        WebDriverWait(self.browser, seconds, poll_frequency=0.05).until(lambda _: condition())

    def wait_for(self, status):
        self.wait(
            lambda: self.browser.execute_script(
                "const r = liveShown.run(); return r && r.status === arguments[0]", status
            )
        )

    def painted(self, name):
        """The pixels of a canvas, as an address of an image."""
        return self.browser.execute_script("return arguments[0].toDataURL()", self.part(name))

    def errors(self):
        return [e["message"] for e in self.browser.get_log("browser") if e["level"] == "SEVERE"]
