"""LibreOffice without a screen exports an empty drawing as a signed PDF: what `libreoffice.ts` runs, by Debian's python3-uno.

Standard input is one JSON object:
  profile      folder of the user profile
  pdf          the file to write
  certificate  serial number of the signer's certificate, hexadecimal
  answer       what is typed into the dialog that asks for the token's PIN; null: nobody is there
  password     the export's own field «certificate password» (SignaturePassword)
Standard output is one JSON object: asked (how often the dialog came), certificates (serial numbers that LibreOffice offers), error (or null).
"""

import json
import os
import signal
import subprocess
import sys
import time

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import XServiceInfo, XSingleComponentFactory
from com.sun.star.task import XInteractionHandler2

START_LIMIT_S = 30
# The dialog of a LibreOffice with a screen. Without one it would cancel itself, and NSS be given no PIN.
DIALOG_SERVICE = "com.sun.star.task.InteractionHandler"
DIALOG_IMPLEMENTATION = "com.sun.star.comp.uui.UUIInteractionHandler"


class PinDialog(unohelper.Base, XInteractionHandler2):
    """Types the same answer each time it is asked."""

    asked = 0

    def __init__(self, answer):
        self.answer = answer

    def handle(self, request):
        self.handleInteractionRequest(request)

    def handleInteractionRequest(self, request):
        for continuation in request.getContinuations():
            if hasattr(continuation, "setPassword"):
                PinDialog.asked += 1
                continuation.setPassword(self.answer)
                continuation.select()
                return True
        return False


class PinDialogFactory(unohelper.Base, XSingleComponentFactory, XServiceInfo):
    def __init__(self, answer):
        self.answer = answer

    def createInstanceWithContext(self, _context):
        return PinDialog(self.answer)

    def createInstanceWithArgumentsAndContext(self, _arguments, _context):
        return PinDialog(self.answer)

    def getImplementationName(self):
        return "sceau.test.PinDialog"

    def supportsService(self, name):
        return name == DIALOG_SERVICE

    def getSupportedServiceNames(self):
        return (DIALOG_SERVICE,)


def connect(pipe, soffice):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            if time.monotonic() > deadline or soffice.poll() is not None:
                raise
            time.sleep(0.05)


def properties(**values):
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def hexadecimal(serial_number):
    return serial_number.value.hex().upper()


def sign(context, job):
    services = context.ServiceManager
    if job["answer"] is not None:
        services.remove(DIALOG_IMPLEMENTATION)
        services.insert(PinDialogFactory(job["answer"]))
    told = {"certificates": [], "error": None}
    try:
        security = services.createInstanceWithContext("com.sun.star.xml.crypto.SEInitializer", context).createSecurityContext("")
        certificates = {hexadecimal(each.SerialNumber): each for each in security.getSecurityEnvironment().getPersonalCertificates()}
        told["certificates"] = sorted(certificates)
        desktop = services.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        document = desktop.loadComponentFromURL("private:factory/sdraw", "_blank", 0, properties(Hidden=True))
        signature = {"SignPDF": True, "SignatureCertificate": certificates[job["certificate"]], "SignatureReason": "Approved"}
        if job["password"] is not None:
            signature["SignaturePassword"] = job["password"]
        filter_data = uno.Any("[]com.sun.star.beans.PropertyValue", properties(**signature))
        document.storeToURL(uno.systemPathToFileUrl(job["pdf"]), properties(FilterName="draw_pdf_Export", FilterData=filter_data))
    except Exception as error:  # LibreOffice's own, whatever it is: the test judges it
        told["error"] = f"{type(error).__name__}: {error}"
    return {"asked": PinDialog.asked, **told}


def main():
    job = json.load(sys.stdin)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    pipe = f"sceau-{os.getpid()}-{os.urandom(4).hex()}"
    options = ["--headless", "--norestore", "--nologo", "--nodefault", f"-env:UserInstallation={uno.systemPathToFileUrl(job['profile'])}"]
    command = ["soffice", *options, f"--accept=pipe,name={pipe};urp;"]
    soffice = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        context = connect(pipe, soffice)
        print(json.dumps(sign(context, job)), flush=True)
        try:
            context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
        except uno.getClass("com.sun.star.lang.DisposedException"):
            pass  # it was faster to end than to answer
        soffice.wait(START_LIMIT_S)
    finally:
        if soffice.poll() is None:
            os.killpg(soffice.pid, signal.SIGKILL)


main()
