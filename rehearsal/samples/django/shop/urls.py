from django.urls import path

from catalogue.views import items

urlpatterns = [path("items", items)]
